//! Validation of errors.

use super::check::Check;
use crate::error_object::ErrorObject;
use crate::violation::Violations;

impl ErrorObject {
    /// Validates the total size of the members and returns all violations.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.error(Some(self));
        check.finish()
    }
}
