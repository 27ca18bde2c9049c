//! How a builder becomes the future of its operation.

/// Implements `IntoFuture` for builders by a function pointer that each of them holds.
///
/// The function was chosen where all its bounds were known to hold. With bounds on the implementation, the compiler would
/// report what is missing as "is not a future" where the builder is awaited, instead of where it is made.
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
