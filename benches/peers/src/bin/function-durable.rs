//! The function on durable.

fn main() {
    peers::durable::serve();
}
