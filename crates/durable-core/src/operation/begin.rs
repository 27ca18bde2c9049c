//! Turns a builder into the future of its operation.

/// Implements `IntoFuture` for builders, through a function pointer that each builder holds.
///
/// The method that makes the builder chooses the function, where all bounds are known to hold. If the bounds were on
/// the implementation instead, the compiler would report a missing one as "is not a future" at the `.await` rather than
/// at the method.
macro_rules! begins {
    ($builder:ident<'c $(, $parameter:ident $(: $bound:path)?)*> -> $output:ty) => {
        impl<'c $(, $parameter $(: $bound)?)*> IntoFuture for $builder<'c $(, $parameter)*> {
            type Output = $crate::error::Result<$output>;
            type IntoFuture = $crate::operation::OperationFuture<'c, $output>;

            fn into_future(self) -> Self::IntoFuture {
                (self.begin)(self)
            }
        }
    };
}

pub(super) use begins;
