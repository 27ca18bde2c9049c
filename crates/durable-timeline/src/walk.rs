//! The operations of a timeline in the order in which they are displayed.

use crate::operations::Operations;
use crate::span::OperationSpan;

/// All operations of a timeline with their depths, parents before their children, returned by
/// [`Timeline::walk`](crate::Timeline::walk).
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    operations: &'a Operations,
    /// The operations to return next, last first. Operations can be nested too deeply for recursion.
    next: Vec<(usize, &'a OperationSpan)>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(operations: &'a Operations) -> Self {
        let next = operations.outermost().rev().map(|operation| (0, operation)).collect();
        Self { operations, next }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = (usize, &'a OperationSpan);

    fn next(&mut self) -> Option<Self::Item> {
        let (depth, operation) = self.next.pop()?;
        let inside = depth.saturating_add(1);
        self.next.extend(self.operations.children(operation).rev().map(|child| (inside, child)));
        Some((depth, operation))
    }
}
