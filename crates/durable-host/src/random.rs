//! Random seeds.

use durable_service::Seed;
use uuid::Uuid;

/// Returns an unpredictable seed.
pub(crate) fn seed() -> Seed {
    let mut seed = [0; 32];
    let random = Uuid::new_v4().into_bytes().into_iter().chain(Uuid::new_v4().into_bytes());
    for (byte, random) in seed.iter_mut().zip(random) {
        *byte = random;
    }
    seed.into()
}
