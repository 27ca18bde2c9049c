//! Counts commands by kind.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::command_kind::CommandKind;

/// The number of commands by kind. Each kind has its counter from the beginning, so counting looks nothing up.
#[derive(Debug)]
pub(crate) struct CommandCounters {
    family: Family<[(&'static str, &'static str); 1], Counter>,
    start: Counter,
    checkpoint: Counter,
    invocation_ended: Counter,
    callback: Counter,
    chained_invoke_ended: Counter,
    stop: Counter,
    pause: Counter,
    resume: Counter,
    delete: Counter,
    function_repaired: Counter,
    timer: Counter,
}

impl CommandCounters {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "durable_commands",
            "Commands to executions that the service handled, by kind",
            self.family.clone(),
        );
    }

    /// Counts a command.
    pub(crate) fn count(&self, kind: CommandKind) {
        self.of(kind).inc();
    }

    fn of(&self, kind: CommandKind) -> &Counter {
        match kind {
            CommandKind::Start => &self.start,
            CommandKind::Checkpoint => &self.checkpoint,
            CommandKind::InvocationEnded => &self.invocation_ended,
            CommandKind::Callback => &self.callback,
            CommandKind::ChainedInvokeEnded => &self.chained_invoke_ended,
            CommandKind::Stop => &self.stop,
            CommandKind::Pause => &self.pause,
            CommandKind::Resume => &self.resume,
            CommandKind::Delete => &self.delete,
            CommandKind::FunctionRepaired => &self.function_repaired,
            CommandKind::Timer => &self.timer,
        }
    }
}

impl Default for CommandCounters {
    fn default() -> Self {
        let family = Family::<[(&'static str, &'static str); 1], Counter>::default();
        let counter = |kind: CommandKind| family.get_or_create_owned(&[("command", kind.name())]);
        Self {
            start: counter(CommandKind::Start),
            checkpoint: counter(CommandKind::Checkpoint),
            invocation_ended: counter(CommandKind::InvocationEnded),
            callback: counter(CommandKind::Callback),
            chained_invoke_ended: counter(CommandKind::ChainedInvokeEnded),
            stop: counter(CommandKind::Stop),
            pause: counter(CommandKind::Pause),
            resume: counter(CommandKind::Resume),
            delete: counter(CommandKind::Delete),
            function_repaired: counter(CommandKind::FunctionRepaired),
            timer: counter(CommandKind::Timer),
            family,
        }
    }
}
