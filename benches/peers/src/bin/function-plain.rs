//! The function that is not durable.

fn main() {
    peers::plain::serve();
}
