//! The size of a data folder.

use std::path::Path;

/// The lengths of all files in a folder and its subfolders. Files that vanish meanwhile are not counted.
pub fn size(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let metadata = entry.metadata().ok()?;
            Some(if metadata.is_dir() { size(&entry.path()) } else { metadata.len() })
        })
        .sum()
}
