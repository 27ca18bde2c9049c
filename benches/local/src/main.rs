//! Measures local services for durable functions side by side; see the README.

mod arguments;
mod contender;
mod cpu_time;
mod folder;
mod function;
mod lambda;
mod machine;
mod plan;
mod quantiles;
mod rows;
mod services;
mod units;
mod work;

use clap::Parser;

use arguments::Arguments;
use rows::measure;

fn main() {
    // The services start this program as their function, too.
    if let Ok(address) = std::env::var(function::RESTATE_ADDRESS) {
        return function::serve_restate(&address);
    }
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        return function::serve_lambda();
    }
    let arguments = Arguments::parse();
    measure(arguments.services(), &arguments.plan());
}
