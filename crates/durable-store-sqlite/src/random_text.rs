//! Text that cannot be compressed, for tests of files of a certain size.

/// Returns text of this length, which is the same for each seed.
pub(crate) fn random_text(seed: u64, length: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::with_capacity(length + 10);
    while text.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.extend(
            (0..10).map(|index| char::from(ALPHABET[usize::try_from((state >> (6 * index)) % 64).unwrap()])),
        );
    }
    text.truncate(length);
    text
}

/// Returns `count` different texts of this length.
pub(crate) fn random_texts(count: u64, length: usize) -> Vec<String> {
    (0..count).map(|seed| random_text(seed, length)).collect()
}
