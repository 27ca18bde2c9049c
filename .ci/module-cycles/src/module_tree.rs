//! The modules of one crate, and which of them import which.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use crate::source::{Declaration, Import, Source};

/// The most imports that a name may be re-exported by.
const MAX_REEXPORTS: usize = 32;

/// The modules of one crate, each of which is a file. The first is the root.
#[derive(Debug, Default)]
pub(crate) struct ModuleTree {
    modules: Vec<Module>,
}

#[derive(Debug)]
struct Module {
    /// Its path without `crate`.
    path: Vec<String>,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    source: Source,
}

impl ModuleTree {
    /// Reads the root of a crate and all modules that are declared below it.
    pub(crate) fn read(root: &Path) -> Result<Self, Box<dyn Error>> {
        let mut tree = Self::default();
        let folder = root.parent().unwrap_or(Path::new("")).to_owned();
        let mut pending = vec![(root.to_owned(), folder, None, Vec::new())];
        while let Some((file, folder, parent, path)) = pending.pop() {
            let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            let source = Source::parse(&text).map_err(|error| format!("{}: {error}", file.display()))?;
            let index = tree.modules.len();
            for declaration in &source.declarations {
                let child = [path.as_slice(), std::slice::from_ref(&declaration.name)].concat();
                let (file, folder) = find(declaration, &file, &folder)?;
                pending.push((file, folder, Some(index), child));
            }
            tree.insert(Module { path, parent, children: BTreeMap::new(), source });
        }
        Ok(tree)
    }

    /// The path of a module.
    pub(crate) fn name(&self, index: usize) -> String {
        match self.modules.get(index) {
            Some(module) if !module.path.is_empty() => module.path.join("::"),
            Some(_) | None => "crate".to_owned(),
        }
    }

    /// The modules that each module imports from. An item counts for the module that defines it, whichever modules
    /// re-export it.
    pub(crate) fn uses(&self) -> Vec<BTreeSet<usize>> {
        (0..self.modules.len()).map(|index| self.uses_of(index)).collect()
    }

    fn insert(&mut self, module: Module) {
        let index = self.modules.len();
        let parent = module.parent.and_then(|parent| self.modules.get_mut(parent));
        if let (Some(parent), Some(name)) = (parent, module.path.last()) {
            parent.children.insert(name.clone(), index);
        }
        self.modules.push(module);
    }

    fn uses_of(&self, index: usize) -> BTreeSet<usize> {
        let Some(module) = self.modules.get(index) else { return BTreeSet::new() };
        let imports = module.source.imports.iter().filter_map(|import| {
            let used = self.resolve(index, &import.path, MAX_REEXPORTS)?;
            // A module that re-exports what is below it does not use it.
            (!import.is_public || !self.is_below(used, index)).then_some(used)
        });
        let paths = module.source.paths.iter();
        let paths = paths.filter_map(|path| self.resolve(index, path, MAX_REEXPORTS));
        imports.chain(paths).filter(|used| *used != index).collect()
    }

    fn is_below(&self, index: usize, ancestor: usize) -> bool {
        let parent = |index: &usize| self.modules.get(*index).and_then(|module| module.parent);
        std::iter::successors(Some(index), parent).any(|above| above == ancestor)
    }

    /// The module that a path means, or that defines the item that it means. `None` if that is in another crate.
    fn resolve(&self, from: usize, path: &[String], fuel: usize) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.descend(0, rest, fuel),
            "self" | "super" => self.descend(from, path, fuel),
            name if self.binds(from, name) => self.descend(from, path, fuel),
            _ => None,
        }
    }

    fn descend(&self, from: usize, path: &[String], fuel: usize) -> Option<usize> {
        let Some((name, rest)) = path.split_first() else { return Some(from) };
        let fuel = fuel.checked_sub(1)?;
        let module = self.modules.get(from)?;
        match name.as_str() {
            "self" => return self.descend(from, rest, fuel),
            "super" => return self.descend(module.parent?, rest, fuel),
            _ => {}
        }
        if let Some(child) = module.children.get(name) {
            return self.descend(*child, rest, fuel);
        }
        if module.source.items.contains(name) {
            return Some(from);
        }
        if let Some(import) = module.import(name) {
            return self.resolve(from, &[import.path.as_slice(), rest].concat(), fuel);
        }
        let globs = module.source.imports.iter().filter(|import| import.name.is_none());
        let globs = globs.filter_map(|import| self.resolve(from, &import.path, fuel));
        let definer = globs.filter(|glob| *glob != from).find(|glob| self.binds(*glob, name));
        definer.map_or(Some(from), |definer| self.descend(definer, path, fuel))
    }

    /// Whether a name means something in a module, apart from what it imports all names from.
    fn binds(&self, index: usize, name: &str) -> bool {
        self.modules.get(index).is_some_and(|module| {
            module.children.contains_key(name)
                || module.source.items.iter().any(|item| item == name)
                || module.import(name).is_some()
        })
    }
}

impl Module {
    fn import(&self, name: &str) -> Option<&Import> {
        self.source.imports.iter().find(|import| import.name.as_deref() == Some(name))
    }
}

/// Finds the file of a module, and the folder of the modules below it.
fn find(declaration: &Declaration, parent: &Path, folder: &Path) -> Result<(PathBuf, PathBuf), String> {
    let name = &declaration.name;
    if let Some(path) = &declaration.path {
        let file = parent.parent().unwrap_or(Path::new("")).join(path);
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        return Ok((file, folder));
    }
    let below = folder.join(name);
    let files = [folder.join(format!("{name}.rs")), below.join("mod.rs")];
    match files.into_iter().find(|file| file.exists()) {
        Some(file) => Ok((file, below)),
        None => Err(format!("{}: no file of the module {name}", parent.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A crate of modules below its root, each with its text.
    fn tree(modules: &[(&str, &str)]) -> ModuleTree {
        let mut tree = ModuleTree::default();
        for (name, text) in modules {
            let path: Vec<_> = name.split("::").skip(1).map(str::to_owned).collect();
            let above = path.split_last().map(|(_, above)| above.to_vec());
            let parent = above.and_then(|above| tree.modules.iter().position(|module| module.path == above));
            let source = Source::parse(text).unwrap();
            tree.insert(Module { path, parent, children: BTreeMap::new(), source });
        }
        tree
    }

    /// The modules that the last module uses.
    fn used(modules: &[(&str, &str)]) -> Vec<String> {
        let tree = tree(modules);
        tree.uses().last().unwrap().iter().map(|index| tree.name(*index)).collect()
    }

    #[test]
    fn a_reexported_item_belongs_to_the_module_that_defines_it() {
        let used = used(&[
            ("crate", "mod a; mod b; pub use a::Item;"),
            ("crate::a", "mod inner; pub(crate) use self::inner::{Item as Renamed, Item};"),
            ("crate::a::inner", "pub(crate) struct Item;"),
            ("crate::b", "use crate::a::Renamed; fn f() { crate::Item::new() }"),
        ]);

        assert_eq!(used, ["a::inner"]);
    }

    #[test]
    fn an_item_behind_a_glob_belongs_to_the_module_that_defines_it() {
        let used = used(&[
            ("crate", "mod a; mod b; pub use a::*;"),
            ("crate::a", "pub struct Item;"),
            ("crate::b", "use crate::Item;"),
        ]);

        assert_eq!(used, ["a"]);
    }

    #[test]
    fn a_path_through_an_imported_module_is_followed() {
        let used = used(&[
            ("crate", "mod a; mod b;"),
            ("crate::a", "mod inner; pub(crate) use inner::f;"),
            ("crate::a::inner", "pub(crate) fn f() {}"),
            ("crate::b", "use crate::a::{self}; fn g() { a::f() }"),
        ]);

        assert_eq!(used, ["a", "a::inner"]);
    }

    #[test]
    fn items_of_other_crates_and_of_the_module_itself_do_not_count() {
        let used = used(&[
            ("crate", "mod a;"),
            (
                "crate::a",
                "use std::fmt; enum A { B } fn f() { A::B; fmt::format(); self::f(); super::a::f() }",
            ),
        ]);

        assert_eq!(used, Vec::<String>::new());
    }

    #[test]
    fn a_module_that_reexports_what_is_below_it_does_not_use_it() {
        let used = used(&[("crate::a", "pub use inner::Item; mod inner;")]);

        assert_eq!(used, Vec::<String>::new());
    }
}
