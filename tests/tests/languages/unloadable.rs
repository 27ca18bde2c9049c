//! Handlers that cannot be loaded or do not run to their end, with the types of errors that Lambda gives them.

use std::fs;

use tempfile::TempDir;

use crate::language::Language;
use crate::project::Project;

const NODE: &str = r#"
export const named = 1;
export const callback = (event, context, callback) => callback(null, 1);
export const leaves = async () => process.exit(0);
export const prints = async () => process.stdout.write("no end of line");
"#;

/// A project whose functions are these handlers of the language, by the names of the handlers.
fn serve(language: Language, files: &[(&str, &str)], handlers: &[&str]) -> Project {
    let folder = TempDir::new().unwrap();
    for (file, code) in files {
        fs::write(folder.path().join(file), code).unwrap();
    }
    let (word, interpreter) = (language.word(), language.interpreter());
    let function = |handler: &&str| {
        let name = handler.replace('.', "-");
        format!(
            "[functions.{name}]\nruntime = \"{word}\"\ninterpreter = \"{interpreter}\"\nhandler = \"{handler}\"\n\
             plain = true\n"
        )
    };
    Project::serve_configured(folder, &handlers.iter().map(function).collect::<String>())
}

fn assert_error(project: &Project, function: &str, error_type: &str, message: &str) {
    let error = project.invoke(function);
    assert_eq!(error["errorType"], error_type, "{function}: {error}");
    assert!(error["errorMessage"].as_str().unwrap().contains(message), "{function}: {error}");
}

#[test]
fn a_node_handler_that_cannot_be_loaded_says_why() {
    if Language::Node.is_missing() {
        return;
    }
    let handlers = [
        "app.callback",
        "app.leaves",
        "app.named",
        "app.none",
        "app.prints",
        "broken.handler",
        "none.handler",
    ];
    let project = serve(Language::Node, &[("app.mjs", NODE), ("broken.mjs", "export const")], &handlers);

    assert_error(&project, "none-handler", "Runtime.ImportModuleError", "none.mjs, .js or .cjs");
    assert_error(&project, "app-none", "Runtime.HandlerNotFound", "exports no function none");
    assert_error(&project, "app-named", "Runtime.HandlerNotFound", "exports no function named");
    assert_error(
        &project,
        "app-callback",
        "Runtime.CallbackHandlerDeprecated",
        "app.callback takes a callback",
    );
    assert_error(&project, "broken-handler", "Runtime.UserCodeSyntaxError", "broken.mjs: SyntaxError");
    assert_error(&project, "app-leaves", "Runtime.ExitError", "Runtime exited without providing a reason");
    assert_eq!(project.invoke("app-prints"), true);
}

#[test]
fn a_python_handler_that_cannot_be_loaded_says_why() {
    if Language::Python.is_missing() {
        return;
    }
    let files =
        [("app.py", "import os\ndef leaves(event, context):\n    os._exit(0)\n"), ("broken.py", "def (")];
    let handlers = ["app.leaves", "app.none", "broken.handler", "none.handler"];
    let project = serve(Language::Python, &files, &handlers);

    assert_error(&project, "none-handler", "Runtime.ImportModuleError", "No module named 'none'");
    assert_error(&project, "app-none", "Runtime.HandlerNotFound", "none");
    assert_error(&project, "broken-handler", "Runtime.UserCodeSyntaxError", "invalid syntax");
    assert_error(&project, "app-leaves", "Runtime.ExitError", "Runtime exited without providing a reason");
}
