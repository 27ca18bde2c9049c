//! The plugins of the requirements about plugins.

mod dump;
mod faulty;
mod printer;

use durable::plugin::{InvocationInfo, Plugins};

use dump::Dump;
pub(crate) use faulty::faulty;
pub(crate) use printer::Printer;

/// The plugins of the function that meets a requirement.
pub(crate) fn plugins(function_name: &str, printer: &Printer) -> Plugins {
    let dump = |name: &'static str, dump: fn(Dump) -> Dump| {
        let printer = printer.clone();
        move |invocation: &InvocationInfo<'_>| dump(Dump::new(name, printer.clone(), invocation))
    };
    let plugins = Plugins::default();
    match function_name {
        "plugin-10-4" => plugins.with(dump("CONFPLUGIN-FAULTY", Dump::failing)),
        "plugin-10-5" => {
            plugins.with(dump("CONFPLUGIN-A", |dump| dump)).with(dump("CONFPLUGIN-B", |dump| dump))
        }
        "plugin-10-14" => plugins.with(dump("CONFPLUGIN", Dump::with_absent_outcomes)),
        name if name.starts_with("plugin-") => plugins.with(dump("CONFPLUGIN", |dump| dump)),
        _ => plugins,
    }
}
