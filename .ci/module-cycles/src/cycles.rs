//! Cycles of a graph.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Returns a shortest cycle through each set of nodes that reach one another, starting with the first of them.
pub(crate) fn cycles(edges: &[BTreeSet<usize>]) -> Vec<Vec<usize>> {
    let reached: Vec<_> = (0..edges.len()).map(|node| search(edges, node)).collect();
    let reaches = |from: usize, to: usize| reached.get(from).is_some_and(|from| from.contains_key(&to));
    let starts = (0..edges.len()).filter(|node| {
        reaches(*node, *node) && !(0..*node).any(|before| reaches(before, *node) && reaches(*node, before))
    });
    starts.filter_map(|start| Some(path_back(reached.get(start)?, start))).collect()
}

/// Searches breadth first. Returns each node that is reached over at least one edge, with the node before it.
fn search(edges: &[BTreeSet<usize>], start: usize) -> BTreeMap<usize, usize> {
    let mut before = BTreeMap::new();
    let mut pending = VecDeque::from([start]);
    while let Some(node) = pending.pop_front() {
        for next in edges.get(node).into_iter().flatten() {
            if !before.contains_key(next) {
                before.insert(*next, node);
                pending.push_back(*next);
            }
        }
    }
    before
}

fn path_back(before: &BTreeMap<usize, usize>, start: usize) -> Vec<usize> {
    let mut path = vec![start];
    let mut node = start;
    while let Some(previous) = before.get(&node).filter(|previous| **previous != start) {
        path.insert(1, *previous);
        node = *previous;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[&[usize]]) -> Vec<BTreeSet<usize>> {
        edges.iter().map(|edges| edges.iter().copied().collect()).collect()
    }

    #[test]
    fn a_graph_whose_edges_point_one_way_has_no_cycle() {
        assert_eq!(cycles(&graph(&[&[1, 2], &[2], &[]])), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn each_set_of_nodes_that_reach_one_another_is_shown_by_a_shortest_cycle() {
        let edges = graph(&[&[1], &[2], &[3, 0], &[0, 4], &[5], &[4]]);

        assert_eq!(cycles(&edges), [vec![0, 1, 2], vec![4, 5]]);
    }
}
