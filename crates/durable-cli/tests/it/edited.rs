//! A `durable.toml` that is edited while `durable dev` runs.

use std::fs;

use serde_json::json;

use crate::place::{Place, stderr, stdout};
use crate::running_dev::Dev;

const ORDER: &str = "[functions.order]\ncommand = [\"./order\"]\n";
const TAX: &str = "[functions.tax]\ncommand = [\"./tax\"]\nplain = true\n";

/// A running `durable dev` and its `durable.toml`.
struct Edited {
    place: Place,
    dev: Dev,
}

impl Edited {
    fn start(text: &str) -> Self {
        let place = Place::new();
        fs::write(place.path().join("durable.toml"), text).unwrap();
        let dev = Dev::start(&place);
        Self { place, dev }
    }

    /// Replaces the file atomically, as editors do. Returns the lines of output up to the one that contains `expected`.
    fn edit(&mut self, text: &str, expected: &str) -> Vec<String> {
        let (file, saved) = (self.place.path().join("durable.toml"), self.place.path().join("saved"));
        fs::write(&saved, text).unwrap();
        fs::rename(saved, file).unwrap();
        self.dev.wait_for(expected)
    }

    fn status(&self, function: &str) -> u16 {
        self.dev.invoke(&format!("{function}:$LATEST")).status
    }
}

#[test]
fn functions_are_added_changed_and_removed() {
    let mut edited = Edited::start(ORDER);
    assert_eq!(edited.status("tax"), 404);

    edited.edit(&format!("{ORDER}{TAX}"), "tax: added");
    assert_eq!(edited.dev.invoke("tax").json(), json!({"taxed": [1]}));

    let aliases = "aliases = { live = \"7\" }\n";
    edited.edit(&format!("{ORDER}{aliases}{TAX}"), "order: settings changed; restarted");
    let order = edited.dev.invoke("order:live");
    assert_eq!((order.status, order.header("x-amz-executed-version")), (200, "7"));

    edited.edit(&format!("{ORDER}{aliases}"), "tax: removed");
    assert_eq!((edited.status("tax"), edited.status("order")), (404, 200));
}

#[test]
fn a_program_can_be_replaced_by_another_in_one_step() {
    let mut edited = Edited::start(TAX);

    let lines = edited.edit(&TAX.replace("functions.tax", "functions.duty"), "duty: added");

    assert_eq!(lines.iter().filter(|line| *line == "tax: removed").count(), 1, "{lines:?}");
    assert_eq!((edited.status("tax"), edited.status("duty")), (404, 200));
}

#[test]
fn an_execution_waits_while_its_function_is_removed() {
    let mut edited = Edited::start(ORDER);
    let start = ["invoke", "order", "--name", "one", "--input", "{\"wait\": 1}"];
    let run = |place: &Place, arguments: &[&str]| place.durable(arguments).output().unwrap();
    let detached = run(&edited.place, &[&start[..], &["--detach"]].concat());
    assert_eq!(detached.status.code(), Some(0), "{}", stderr(&detached));

    edited.edit("", "order: removed");
    let shown = stdout(&run(&edited.place, &["show", "one"]));
    edited.edit(ORDER, "order: added");
    let ended = run(&edited.place, &start);

    let held = "not invoked because the service does not serve its function; add it to durable.toml";
    assert!(shown.contains(held), "{shown}");
    assert_eq!(stdout(&ended), "{\"shipped\":{\"wait\":1}}\n", "{}", stderr(&ended));
    assert_eq!(edited.place.bodies(), ["reserve", "ship"]);
}

#[test]
fn an_invalid_file_is_reported_once_and_changes_nothing() {
    let mut edited = Edited::start(ORDER);

    let mut lines = edited.edit("[functions.order]\ncomand = []\n", "not applied");
    assert_eq!(edited.status("order"), 200);
    lines.extend(edited.edit(&format!("{ORDER}{TAX}"), "tax: added"));

    let errors = lines.iter().filter(|line| line.contains("error: durable.toml:2: unknown field `comand`"));
    assert_eq!(errors.count(), 1, "{lines:?}");
    let expected = "durable.toml: not applied; functions and settings stay as they were";
    assert_eq!(lines.iter().filter(|line| *line == expected).count(), 1, "{lines:?}");
}

#[test]
fn a_function_that_cannot_be_started_changes_nothing() {
    let mut edited = Edited::start(ORDER);

    let missing = "[functions.tax]\ncommand = [\"./missing\"]\n";
    let lines = edited.edit(missing, "not applied");

    assert!(lines.iter().any(|line| line.contains("the function `tax` cannot be started")), "{lines:?}");
    assert_eq!((edited.status("order"), edited.status("tax")), (200, 404));
}

#[test]
fn settings_that_need_a_restart_are_named() {
    let mut edited = Edited::start(ORDER);
    let rules = "[service.rules]\nmax_operations = 5\n";
    let service = format!("[service]\nport = 9999\nfolder = \"data\"\n{rules}{ORDER}");

    let lines = edited.edit(&service, "cannot change");
    let again = edited.edit(&format!("{service}{TAX}"), "tax: added");

    // The command line overrides the port.
    let expected = "durable.toml: `folder` and `max_operations` cannot change while the service runs; restart \
                    `durable dev` to apply the change";
    assert_eq!(lines.last().unwrap(), expected);
    assert!(!again.iter().any(|line| line.contains("cannot change")), "{again:?}");
    assert!(!edited.place.path().join("data").exists());
}

#[test]
fn only_the_functions_of_the_command_line_are_served() {
    let place = Place::new();
    let file = place.path().join("durable.toml");
    fs::write(&file, format!("{ORDER}{TAX}")).unwrap();
    let mut dev = Dev::start_as(place.durable(&["dev", "order", "--port", "0"]));

    fs::write(&file, format!("{ORDER}timeout = 5\n{TAX}timeout = 5\n")).unwrap();
    let lines = dev.wait_for("order: settings changed; restarted");

    assert!(!lines.iter().any(|line| line.starts_with("tax:")), "{lines:?}");
    assert_eq!((dev.invoke("order:$LATEST").status, dev.invoke("tax").status), (200, 404));
}
