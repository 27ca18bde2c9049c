//! What is wrong with an error.

use super::check::Check;
use crate::error_object::ErrorObject;
use crate::violation::Violations;

impl ErrorObject {
    /// Finds every rule this error breaks: how many bytes its members may hold together.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.error(Some(self));
        check.finish()
    }
}
