//! The registered plugins of a function.

use std::any::type_name;
use std::fmt;
use std::sync::Arc;

use super::any_plugin::AnyPlugin;
use super::hooks::InvocationInfo;
use super::isolated::Isolated;
use super::plugin::Plugin;

/// The plugins of a function, in the order in which their hooks are called.
///
/// Entry points and test runners collect them with their `plugin` method. Authors of entry points pass them to
/// [`Invocation::plugins`](crate::driver::Invocation::plugins).
///
/// ```
/// # use durable_core::error::BoxError;
/// use durable_core::plugin::{OperationEnd, Plugin, Plugins};
///
/// struct Print;
///
/// impl Plugin for Print {
///     fn operation_ended(&self, end: &OperationEnd<'_>) -> Result<(), BoxError> {
///         println!("{:?} ended", end.operation.name);
///         Ok(())
///     }
/// }
///
/// let plugins = Plugins::default().with(|_| Print);
/// # assert_eq!(format!("{plugins:?}").matches("Print").count(), 1);
/// ```
#[derive(Clone, Default)]
pub struct Plugins(Vec<Registered>);

#[derive(Clone)]
struct Registered {
    name: &'static str,
    create: Arc<Create>,
}

type Create = dyn Fn(&InvocationInfo<'_>) -> Box<dyn AnyPlugin> + Send + Sync;

impl Plugins {
    /// Adds a plugin that `create` creates for each invocation.
    #[must_use]
    pub fn with<P: Plugin>(
        mut self,
        create: impl Fn(&InvocationInfo<'_>) -> P + Send + Sync + 'static,
    ) -> Self {
        self.0.push(Registered {
            name: type_name::<P>(),
            create: Arc::new(move |invocation| Box::new(create(invocation))),
        });
        self
    }

    /// Adds other plugins after these.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Returns whether there are no plugins.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Creates the plugins of an invocation.
    pub(super) fn create(&self, invocation: &InvocationInfo<'_>) -> Vec<Isolated> {
        self.0
            .iter()
            .map(|registered| Isolated::create(registered.name, || (registered.create)(invocation)))
            .collect()
    }
}

impl fmt::Debug for Plugins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|registered| registered.name)).finish()
    }
}
