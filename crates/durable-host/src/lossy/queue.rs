//! A queue with a byte budget that drops its oldest items instead of refusing new ones.

use std::collections::VecDeque;

/// The maximum number of gaps counted separately. Further drops are added to the last gap.
const MAX_GAPS: usize = 64;

/// Returns whether two items are counted in the same gap.
pub type SameGap<T> = fn(&T, &T) -> bool;

/// A queue that drops its oldest items when they exceed its byte budget.
///
/// The newest items are kept because they are the most useful when diagnosing a failure. When the budget is exceeded,
/// the queue shrinks to half of it, so that a slow reader sees long runs of consecutive items with few gaps, instead of
/// a gap after every item. Each origin of dropped items has a gap of its own.
///
/// # Invariants
/// - Items are popped in the order in which they were pushed.
/// - The queued items fit the budget, or there is only one.
/// - Every item that was pushed is queued, popped or counted as dropped, exactly once.
#[derive(Debug)]
pub struct LossyQueue<T> {
    items: VecDeque<Item<T>>,
    bytes: usize,
    budget: usize,
    /// The gaps before the first queued item.
    gaps: VecDeque<Dropped<T>>,
    same_gap: SameGap<T>,
    pushed: u64,
}

#[derive(Debug)]
struct Item<T> {
    value: T,
    bytes: usize,
}

/// A gap: the dropped items of one origin.
#[derive(Debug)]
struct Dropped<T> {
    count: u64,
    last: T,
}

/// The result of [`LossyQueue::pop`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Popped<T> {
    /// The next item.
    Item(T),
    /// A gap, where items were dropped.
    Dropped {
        /// The number of dropped items.
        count: u64,
        /// The last dropped item, which identifies the origin of the gap.
        last: T,
    },
}

impl<T> LossyQueue<T> {
    /// Creates a queue whose items may take up `budget` bytes. `same_gap` returns whether two dropped items are counted
    /// together.
    pub fn new(budget: usize, same_gap: SameGap<T>) -> Self {
        Self { items: VecDeque::new(), bytes: 0, budget, gaps: VecDeque::new(), same_gap, pushed: 0 }
    }

    /// Adds an item of `bytes` bytes, and drops the oldest items if the budget is exceeded.
    pub fn push(&mut self, value: T, bytes: usize) {
        // Empty items count, too, because they take up memory.
        let bytes = bytes.max(1);
        self.pushed = self.pushed.saturating_add(1);
        if self.bytes.saturating_add(bytes) > self.budget {
            self.shrink((self.budget / 2).saturating_sub(bytes));
        }
        self.bytes = self.bytes.saturating_add(bytes);
        self.items.push_back(Item { value, bytes });
    }

    /// Removes and returns the next item, or the gap before it.
    pub fn pop(&mut self) -> Option<Popped<T>> {
        if let Some(Dropped { count, last }) = self.gaps.pop_front() {
            return Some(Popped::Dropped { count, last });
        }
        self.take_oldest().map(Popped::Item)
    }

    /// Returns whether there is nothing to pop.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.gaps.is_empty()
    }

    /// Returns the total size of the queued items, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the number of items pushed so far.
    pub fn pushed(&self) -> u64 {
        self.pushed
    }

    /// Returns the number of pushed items that are no longer queued.
    pub fn removed(&self) -> u64 {
        self.pushed.saturating_sub(u64::try_from(self.items.len()).unwrap_or(u64::MAX))
    }

    /// Drops the oldest items until the rest takes up at most `bytes` bytes.
    fn shrink(&mut self, bytes: usize) {
        while self.bytes > bytes
            && let Some(last) = self.take_oldest()
        {
            self.count_dropped(last);
        }
    }

    fn count_dropped(&mut self, last: T) {
        let is_full = self.gaps.len() >= MAX_GAPS;
        let same = self.gaps.iter().rposition(|gap| (self.same_gap)(&gap.last, &last));
        let index = same.or(is_full.then_some(MAX_GAPS.saturating_sub(1)));
        match index.and_then(|index| self.gaps.get_mut(index)) {
            Some(gap) => {
                gap.count = gap.count.saturating_add(1);
                gap.last = last;
            }
            None => self.gaps.push_back(Dropped { count: 1, last }),
        }
    }

    fn take_oldest(&mut self) -> Option<T> {
        let Item { value, bytes } = self.items.pop_front()?;
        self.bytes = self.bytes.saturating_sub(bytes);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drain(queue: &mut LossyQueue<u64>) -> Vec<Popped<u64>> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn items_within_the_budget_are_popped_in_order() {
        let mut queue = LossyQueue::new(10, |_, _| true);

        queue.push(1, 5);
        queue.push(2, 5);

        assert_eq!(drain(&mut queue), [Popped::Item(1), Popped::Item(2)]);
        assert!(queue.is_empty());
    }

    #[test]
    fn the_oldest_items_are_dropped_and_counted_before_the_newest() {
        let mut queue = LossyQueue::new(10, |_, _| true);

        (1..=6).for_each(|item| queue.push(item, 2));

        assert_eq!(
            drain(&mut queue),
            [Popped::Dropped { count: 4, last: 4 }, Popped::Item(5), Popped::Item(6)]
        );
    }

    #[test]
    fn a_gap_is_popped_once() {
        let mut queue = LossyQueue::new(2, |_, _| true);
        queue.push(1, 2);
        queue.push(2, 2);
        drain(&mut queue);

        queue.push(3, 2);

        assert_eq!(drain(&mut queue), [Popped::Item(3)]);
    }

    #[test]
    fn an_item_larger_than_the_budget_is_queued_alone() {
        let mut queue = LossyQueue::new(10, |_, _| true);
        queue.push(1, 5);

        queue.push(2, 100);

        assert_eq!(drain(&mut queue), [Popped::Dropped { count: 1, last: 1 }, Popped::Item(2)]);
    }

    #[test]
    fn each_origin_has_a_gap_of_its_own_up_to_a_limit() {
        let mut queue = LossyQueue::new(10, |one: &u64, other| one % 3 == other % 3);
        (0..30).for_each(|item| queue.push(item, 2));
        let mut many = LossyQueue::new(10, |one: &u64, other| one == other);
        (0..1_000).for_each(|item| many.push(item, 2));

        let gaps: Vec<_> = drain(&mut queue).into_iter().take(3).collect();
        let many: Vec<_> = drain(&mut many)
            .into_iter()
            .filter_map(|popped| match popped {
                Popped::Dropped { count, .. } => Some(count),
                Popped::Item(_) => None,
            })
            .collect();

        assert!(gaps.iter().all(|gap| matches!(gap, Popped::Dropped { count: 8.., .. })), "{gaps:?}");
        assert_eq!(many.len(), MAX_GAPS);
        assert!(many.iter().sum::<u64>() > 990, "{many:?}");
    }

    proptest! {
        #[test]
        fn every_item_is_popped_in_order_or_counted(
            budget in 0_usize..50,
            actions in prop::collection::vec(prop::option::of(0_usize..20), 0..200),
        ) {
            let mut queue = LossyQueue::new(budget, |_, _| true);
            let (mut pushed, mut next) = (0_u64, 0_u64);
            let mut check = |popped: Option<Popped<u64>>| {
                match popped {
                    Some(Popped::Item(item)) => {
                        prop_assert_eq!(item, next);
                        next += 1;
                    }
                    Some(Popped::Dropped { count, last }) => {
                        next += count;
                        prop_assert_eq!(last + 1, next);
                    }
                    None => {}
                }
                Ok(next)
            };

            for action in actions {
                match action {
                    Some(bytes) => {
                        queue.push(pushed, bytes);
                        pushed += 1;
                    }
                    None => {
                        check(queue.pop())?;
                    }
                }
                prop_assert!(queue.bytes() <= budget || queue.removed() + 1 == pushed);
                prop_assert_eq!(queue.pushed(), pushed);
            }
            while !queue.is_empty() {
                check(queue.pop())?;
            }

            prop_assert_eq!(check(None)?, pushed);
            prop_assert_eq!((queue.bytes(), queue.removed()), (0, pushed));
        }
    }
}
