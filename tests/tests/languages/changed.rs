//! Functions of other languages whose code changes while `durable dev` serves them.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::language::{Language, node_modules};
use crate::project::{Project, eventually};

const PYTHON: &str = r#"
import os, pathlib, time
from aws_durable_execution_sdk_python import durable_execution
from version import VERSION

FOLDER = pathlib.Path(os.environ["FOLDER"])

@durable_execution
def handler(event, context):
    def told(_):
        while event["waits"] and not (FOLDER / "go").exists():
            (FOLDER / "begun").touch()
            time.sleep(0.02)
        return VERSION
    return context.step(told, name="told")
"#;

const NODE: &str = r#"
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { VERSION } from "./version.mjs";

const require = createRequire(join(process.env.NODE_MODULES_FOLDER, "package.json"));
const { withDurableExecution } = require("@aws/durable-execution-sdk-js");

export const handler = withDurableExecution(async (event, context) =>
  context.step("told", async () => {
    while (event.waits && !existsSync(join(process.env.FOLDER, "go"))) {
      writeFileSync(join(process.env.FOLDER, "begun"), "");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return VERSION;
  }),
);
"#;

/// A project with a function whose version stands in a file of its own.
struct Changing {
    project: Project,
    language: Language,
}

impl Changing {
    fn serve(language: Language) -> Self {
        let folder = TempDir::new().unwrap();
        let (file, code) = match language {
            Language::Python => ("app.py", PYTHON),
            Language::Node => ("app.mjs", NODE),
        };
        fs::create_dir(folder.path().join("code")).unwrap();
        fs::write(folder.path().join("code").join(file), code).unwrap();
        fs::write(folder.path().join("code").join(version_file(language)), version(language, "one")).unwrap();
        let (word, interpreter) = (language.word(), language.interpreter());
        let (own, modules) = (folder.path().display(), node_modules());
        let modules = modules.to_str().unwrap();
        let config = format!(
            r#"
            [functions.app]
            runtime = "{word}"
            interpreter = "{interpreter}"
            handler = "app.handler"
            folder = "code"
            environment = {{ FOLDER = "{own}", NODE_MODULES_FOLDER = "{modules}" }}
            timeout = 60
            "#
        );
        Self { project: Project::serve_configured(folder, &config), language }
    }

    fn change(&self, to: &str) {
        let file = self.project.file("code").join(version_file(self.language));
        fs::write(file, version(self.language, to)).unwrap();
    }

    fn start(&self, waits: bool) -> String {
        self.project.start("app", &json!({ "waits": waits }))
    }

    fn result(&self, arn: &str) -> Value {
        let execution = self.project.closed(arn);
        serde_json::from_str(execution["Result"].as_str().expect("it succeeds")).unwrap()
    }
}

fn version_file(language: Language) -> &'static str {
    match language {
        Language::Python => "version.py",
        Language::Node => "version.mjs",
    }
}

fn version(language: Language, version: &str) -> String {
    match language {
        Language::Python => format!("VERSION = \"{version}\"\n"),
        Language::Node => format!("export const VERSION = \"{version}\";\n"),
    }
}

fn assert_restarted(language: Language) {
    let changing = Changing::serve(language);
    let before = changing.start(false);
    assert_eq!(changing.result(&before), "one");
    let under_way = changing.start(true);
    eventually(|| changing.project.file("begun").exists().then_some(()));
    // In a second process, which has read the old code before it changes.
    assert_eq!(changing.result(&changing.start(false)), "one");

    changing.change("the second");
    let first_of_new_code = eventually(|| {
        let result = changing.result(&changing.start(false));
        (result != "one").then_some(result)
    });
    fs::write(changing.project.file("go"), "").unwrap();

    assert_eq!(first_of_new_code, "the second");
    assert_eq!(changing.result(&under_way), "one", "it ends in the process in which it began");
    assert_eq!(changing.project.failed_invocations(&under_way), [""; 0]);
    assert_eq!(changing.result(&changing.start(false)), "the second");
}

#[test]
fn a_python_function_is_restarted_when_a_module_of_it_changes() {
    if !Language::Python.is_missing() {
        assert_restarted(Language::Python);
    }
}

#[test]
fn a_node_function_is_restarted_when_a_module_of_it_changes() {
    if !Language::Node.is_missing() {
        assert_restarted(Language::Node);
    }
}
