//! Results that are being rebuilt, which results that ended later must not overtake.

use super::result_order::ResultOrder;
use crate::identity::OperationId;
use crate::operation_key::OperationKey;

/// The contexts whose ends are recorded without their results. There are few at a time.
#[derive(Debug, Default)]
pub(super) struct Rebuilds(Vec<Rebuild>);

#[derive(Debug)]
struct Rebuild {
    key: OperationKey,
    context: OperationId,
    order: ResultOrder,
}

impl Rebuilds {
    /// Notes that the result with this place is being rebuilt.
    pub(super) fn begin(&mut self, key: OperationKey, context: OperationId, order: ResultOrder) {
        self.0.push(Rebuild { key, context, order });
    }

    /// Notes that the result of an operation was rebuilt, or that nothing awaits it.
    pub(super) fn end(&mut self, key: OperationKey) {
        self.0.retain(|rebuild| rebuild.key != key);
    }

    /// Lets a result overtake those that are being rebuilt, because nothing else can make progress.
    pub(super) fn overtake(&mut self, order: ResultOrder) {
        self.0.retain(|rebuild| rebuild.order > order);
    }

    /// Returns whether a result has to wait for one of them.
    pub(super) fn precede(&self, order: ResultOrder) -> bool {
        self.0.iter().any(|rebuild| rebuild.order < order)
    }

    /// Returns the place of a result, which precedes the ends of the contexts that it is inside of.
    pub(super) fn place(&self, order: ResultOrder, is_inside: impl Fn(OperationId) -> bool) -> ResultOrder {
        let ended_together = self.0.iter().filter(|rebuild| rebuild.order.at() == order.at());
        order.inside(ended_together.filter(|rebuild| is_inside(rebuild.context)).count())
    }
}
