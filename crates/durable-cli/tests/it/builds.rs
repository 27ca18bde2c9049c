//! Builds of several functions.

use std::fs;

use serde_json::{Value, json};

use crate::place::{Place, stderr};
use crate::role;
use crate::running_dev::Dev;

/// A place with a program instead of cargo, which writes its arguments to a file and builds nothing.
///
/// The binaries `tax` and `fee` are in the default package, `duty` and `toll` in a package of their own each. All have the
/// source `lib.rs`, and `duty` has `duty.rs`.
struct Workshop(Place);

const CARGO: &str = r#"
echo "$@" >> calls
status=0
for argument; do
    name="${argument#--bin=}"
    case "$argument" in
    metadata) cat metadata.json ;;
    --bin=duty | --bin=toll) package="$name" ;;
    --bin=*) package=shop ;;
    *) continue ;;
    esac
    test "$argument" != metadata || continue
    if test -e "$name.broken"; then
        echo "error: $name is broken" >&2
        status=101
    else
        target='{"name": "'$name'", "kind": ["bin"]}'
        echo '{"reason": "compiler-artifact", "package_id": "'$package'", "target": '$target', "executable": "'$PWD/$name'"}'
    fi
done
exit $status
"#;

impl Workshop {
    fn new(config: &str) -> Self {
        let place = Place::new();
        place.script("cargo", CARGO);
        for (name, sources) in [("tax", "lib.rs"), ("fee", "lib.rs"), ("toll", "lib.rs"), ("duty", "duty.rs")]
        {
            place.script(name, &role::script(role::PLAIN_FUNCTION));
            let folder = place.path().display();
            fs::write(place.path().join(format!("{name}.d")), format!("{name}: {folder}/{sources}\n"))
                .unwrap();
        }
        for source in ["lib.rs", "duty.rs", "calls"] {
            fs::write(place.path().join(source), "").unwrap();
        }
        let package = |name: &str, binaries: &[&str]| {
            let target = |name: &&str| json!({ "name": name, "kind": ["bin"] });
            json!({ "id": name, "name": name, "targets": Vec::from_iter(binaries.iter().map(target)) })
        };
        let metadata = json!({
            "workspace_root": place.path().canonicalize().unwrap(),
            "workspace_default_members": ["shop"],
            "packages": [package("shop", &["tax", "fee"]), package("duty", &["duty"]), package("toll", &["toll"])],
        });
        fs::write(place.path().join("metadata.json"), metadata.to_string()).unwrap();
        let workshop = Self(place);
        workshop.configure(config);
        workshop
    }

    fn start(&self) -> Dev {
        let mut command = self.0.durable(&["dev", "--port", "0"]);
        command.env("CARGO", self.0.path().join("cargo"));
        Dev::start_as(command)
    }

    /// Returns the calls of cargo since the last time, without the arguments that all builds have.
    fn calls(&self) -> Vec<String> {
        let file = self.0.path().join("calls");
        let calls = fs::read_to_string(&file).unwrap();
        fs::write(file, "").unwrap();
        let own = |call: &str| call.replace(" --message-format json-render-diagnostics --keep-going", "");
        calls.lines().map(own).collect()
    }

    fn configure(&self, config: &str) {
        fs::write(self.0.path().join("durable.toml"), config).unwrap();
    }

    fn touch(&self, file: &str) {
        fs::write(self.0.path().join(file), "changed").unwrap();
    }
}

const METADATA: &str = "metadata --no-deps --format-version 1";

/// The configuration of plain functions that are the cargo targets of their names.
fn plain(names: &[&str]) -> String {
    names.iter().map(|name| format!("[functions.{name}]\nplain = true\n")).collect()
}

#[test]
fn functions_are_built_in_one_call_of_cargo() {
    let workshop = Workshop::new(&plain(&["tax", "fee"]));

    let dev = workshop.start();

    assert_eq!(workshop.calls(), [METADATA, "build --bin=fee --bin=tax"]);
    assert_eq!(dev.invoke("tax").json(), json!({"taxed": [1]}));
    assert_eq!(dev.invoke("fee").json(), json!({"taxed": [1]}));
}

#[test]
fn functions_with_other_features_or_another_profile_have_a_call_of_their_own() {
    let config =
        plain(&["tax", "duty", "toll"]) + "[functions.fee]\nplain = true\ncargo = { release = true }\n";
    let workshop = Workshop::new(&config);

    let _dev = workshop.start();

    let mut calls = workshop.calls();
    calls.sort();
    let expected = [
        "build --bin=fee --release",
        "build --bin=tax",
        "build --package=duty --package=toll --bin=duty --bin=toll",
        METADATA,
    ];
    assert_eq!(calls, expected);
}

#[test]
fn functions_with_a_common_source_are_rebuilt_in_one_call() {
    let workshop = Workshop::new(&plain(&["tax", "fee"]));
    let mut dev = workshop.start();
    workshop.calls();

    workshop.touch("lib.rs");
    dev.wait_for("tax: changed; restarted");

    assert_eq!(workshop.calls(), ["build --bin=fee --bin=tax"]);
}

#[test]
fn a_rebuild_selects_the_same_packages_as_the_first_build() {
    let workshop = Workshop::new(&plain(&["duty", "toll"]));
    let mut dev = workshop.start();
    workshop.calls();

    workshop.touch("duty.rs");
    dev.wait_for("duty: changed; restarted");

    assert_eq!(workshop.calls(), ["build --package=duty --package=toll --bin=duty"]);
}

#[test]
fn a_function_that_cannot_be_rebuilt_does_not_affect_the_others() {
    let workshop = Workshop::new(&plain(&["tax", "fee"]));
    let mut dev = workshop.start();
    workshop.calls();

    workshop.touch("fee.broken");
    workshop.touch("lib.rs");
    let lines = dev.wait_for("tax: changed; restarted");

    assert_eq!(lines.iter().filter(|line| **line == "error: fee is broken").count(), 1);
    let error =
        "error: failed to build `fee`; see the output of cargo above; the previous build stays in service";
    assert_eq!(lines.iter().filter(|line| **line == error).count(), 1);
    assert_eq!(dev.invoke("fee").json(), json!({"taxed": [1]}));
}

#[test]
fn functions_that_the_file_adds_are_built_in_one_call() {
    let workshop = Workshop::new(&plain(&["tax"]));
    let mut dev = workshop.start();
    workshop.calls();

    workshop.configure(&plain(&["tax", "fee", "toll", "duty"]));
    dev.wait_for("toll: added");

    let expected = [METADATA, "build --package=duty --package=toll --bin=duty --bin=toll", "build --bin=fee"];
    assert_eq!(workshop.calls(), expected);
    assert_eq!(dev.invoke("fee").json(), json!({"taxed": [1]}));
}

#[test]
fn a_function_with_other_settings_is_not_built_again() {
    let workshop = Workshop::new(&plain(&["tax"]));
    let mut dev = workshop.start();
    workshop.calls();
    workshop.touch("tax.broken");

    workshop.configure(&(plain(&["tax"]) + "timeout = 5\n"));
    dev.wait_for("tax: settings changed; restarted");

    assert_eq!(workshop.calls(), [METADATA]);
    assert_eq!(dev.invoke("tax").json(), json!({"taxed": [1]}));
}

#[test]
fn a_function_that_the_file_adds_is_served_once_it_can_be_built() {
    let workshop = Workshop::new(&plain(&["tax"]));
    let mut dev = workshop.start();
    workshop.touch("fee.broken");

    workshop.configure(&plain(&["tax", "fee"]));
    dev.wait_for("failed to build `fee`; see the output of cargo above; not served until the build succeeds");
    fs::remove_file(workshop.0.path().join("fee.broken")).unwrap();
    workshop.touch("lib.rs");
    dev.wait_for("fee: built; now served");

    assert_eq!(dev.invoke("fee").json(), json!({"taxed": [1]}));
}

#[test]
fn a_run_needs_all_its_functions() {
    let workshop = Workshop::new(&plain(&["tax", "fee"]));
    workshop.touch("fee.broken");
    let mut command = workshop.0.durable(&["run", "tax", "--with", "fee"]);

    let output = command.env("CARGO", workshop.0.path().join("cargo")).output().unwrap();

    assert_eq!(output.status.code(), Some(2));
    let expected = "error: fee is broken\nerror: failed to build `fee`; see the output of cargo above\n";
    assert_eq!(stderr(&output), expected);
}

/// A project with two functions, of which `second` does not compile.
fn half_broken() -> Place {
    let place = Place::new();
    let binaries = place.path().join("src/bin");
    fs::create_dir_all(&binaries).unwrap();
    let manifest = "[package]\nname = \"shop\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(place.path().join("Cargo.toml"), manifest).unwrap();
    fs::write(binaries.join("first.rs"), include_str!("fixture/answer.rs")).unwrap();
    fs::write(binaries.join("second.rs"), "fn main() { no_such_function() }").unwrap();
    fs::write(place.path().join("durable.toml"), plain(&["first", "second"])).unwrap();
    place
}

#[test]
fn a_function_is_served_although_another_does_not_compile() {
    let place = half_broken();
    let mut dev = Dev::start(&place);

    let error =
        dev.first_lines.iter().filter(|line| line.contains("cannot find function `no_such_function`"));
    assert_eq!(error.count(), 1, "{:?}", dev.first_lines);
    let expected =
        "error: failed to build `second`; see the output of cargo above; not served until the build succeeds";
    assert!(dev.first_lines.iter().any(|line| line == expected), "{:?}", dev.first_lines);
    assert!(dev.first_lines.last().unwrap().starts_with("serving first at"), "{:?}", dev.first_lines);
    assert_eq!(dev.invoke("first").json(), "first");
    assert_eq!(dev.invoke("second").status, 404);

    let code = include_str!("fixture/answer.rs").replace("\"first\"", "\"second\"");
    fs::write(place.path().join("src/bin/second.rs"), code).unwrap();
    dev.wait_for("second: built; now served");
    assert_eq!(dev.invoke("second").json(), "second");
    assert_eq!(dev.invoke("first").json(), Value::from("first"));
}

#[test]
fn nothing_is_served_if_no_function_compiles() {
    let place = half_broken();

    let output = place.durable(&["dev", "second"]).output().unwrap();

    assert_eq!(output.status.code(), Some(2));
    let error = stderr(&output);
    assert!(error.ends_with("error: failed to build `second`; see the output of cargo above\n"), "{error}");
}
