//! The address space of this process, which threads reserve much of.

use std::fs;

const MIB: u64 = 1 << 20;

/// The bytes of the address space that a thread reserves: its stack, and an arena of the allocator.
pub(crate) const OF_THREAD: u64 = 2 * MIB + 128 * MIB;

/// Returns the limit of the address space, in bytes. None where there is none.
pub(crate) fn limit() -> Option<u64> {
    let soft = rlimit::Resource::AS.get().map_or(rlimit::INFINITY, |(soft, _)| soft);
    (soft != rlimit::INFINITY).then_some(soft)
}

/// Returns how many of the wanted threads the address space has room for. With more the standard or the C library may
/// find none for what it keeps of a thread, and end the process.
pub(crate) fn threads_that_fit(wanted: usize) -> usize {
    limit().map_or(wanted, |limit| fit(wanted, limit, in_use().0))
}

fn fit(wanted: usize, limit: u64, in_use: u64) -> usize {
    let room = limit.saturating_sub(in_use) / OF_THREAD;
    wanted.min(usize::try_from(room).unwrap_or(usize::MAX))
}

/// Returns the addresses in use by this process, and the resident memory, in bytes: the first two
/// numbers of `/proc/self/statm`, in pages. 0 where the system does not tell.
pub(crate) fn in_use() -> (u64, u64) {
    of_process("self")
}

/// Returns the addresses in use by another process, and its resident memory, in bytes.
pub(crate) fn of_process(process: &str) -> (u64, u64) {
    let text = fs::read_to_string(format!("/proc/{process}/statm")).unwrap_or_default();
    let mut pages = text.split_whitespace().map(|pages| pages.parse::<u64>().unwrap_or(0));
    let mut bytes = || pages.next().unwrap_or(0) * rustix::param::page_size() as u64;
    (bytes(), bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_threads_start_as_the_address_space_has_room_for() {
        let fits = |limit: u64| fit(8, limit * MIB, 100 * MIB);
        assert_eq!([60, 100, 250, 500, 1000, 2000].map(fits), [0, 0, 1, 3, 6, 8]);
    }
}
