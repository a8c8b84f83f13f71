//! What happens in the lanes: one algorithm for each metric, for vectors of any size.

use super::vector::Vector;

/// The vertical differences of the next row: where there are none on the diagonal, and the row above; `one` is what
/// comes in at the top.
#[inline(always)]
unsafe fn below<V: Vector, const W: usize>(zero: V, plus: V, minus: V, one: V) -> (V, V) {
    // SAFETY: as the caller of `run` says.
    unsafe {
        let ones = V::all(true);
        let across_plus = minus.or(zero.or(plus).xor(ones));
        let across_minus = zero.and(plus);
        let across_plus = across_plus.add::<W>(across_plus).or(one);
        let across_minus = across_minus.add::<W>(across_minus);
        let plus = across_minus.or(zero.or(across_plus).xor(ones));
        (plus, across_plus.and(zero))
    }
}

/// Leaves the vertical differences: ones in the first vector, minus ones in the second.
#[inline(always)]
pub unsafe fn levenshtein<V: Vector, const W: usize>(
    table: *const u8,
    query: &[u8],
    work: *mut u8,
) {
    // SAFETY: as the caller of `run` says.
    unsafe {
        let ones = V::all(true);
        let one = V::all(false).sub::<W>(ones);
        let (mut plus, mut minus) = (ones, V::all(false));
        for character in query {
            let equal = V::load(table.add(usize::from(*character) * V::BYTES));
            let x = equal.or(minus);
            let zero = x.and(plus).add::<W>(plus).xor(plus).or(x);
            (plus, minus) = below::<V, W>(zero, plus, minus, one);
        }
        plus.store(work);
        minus.store(work.add(V::BYTES));
    }
}

/// As `levenshtein`, with transpositions.
#[inline(always)]
pub unsafe fn osa<V: Vector, const W: usize>(table: *const u8, query: &[u8], work: *mut u8) {
    // SAFETY: as the caller of `run` says.
    unsafe {
        let ones = V::all(true);
        let one = V::all(false).sub::<W>(ones);
        let (mut plus, mut minus) = (ones, V::all(false));
        let (mut zero, mut before) = (V::all(false), V::all(false));
        for character in query {
            let equal = V::load(table.add(usize::from(*character) * V::BYTES));
            let moved = zero.without(equal);
            let moved = moved.add::<W>(moved).and(before);
            zero = equal
                .and(plus)
                .add::<W>(plus)
                .xor(plus)
                .or(equal)
                .or(minus)
                .or(moved);
            (plus, minus) = below::<V, W>(zero, plus, minus, one);
            before = equal;
        }
        plus.store(work);
        minus.store(work.add(V::BYTES));
    }
}

/// Leaves ones where a longest common subsequence has no character.
#[inline(always)]
pub unsafe fn indel<V: Vector, const W: usize>(table: *const u8, query: &[u8], work: *mut u8) {
    // SAFETY: as the caller of `run` says.
    unsafe {
        let mut left = V::all(true);
        for character in query {
            let equal = V::load(table.add(usize::from(*character) * V::BYTES));
            let both = left.and(equal);
            left = left.add::<W>(both).or(left.sub::<W>(both));
        }
        left.store(work);
        V::all(false).store(work.add(V::BYTES));
    }
}

/// As `levenshtein`, several vectors one below the other; what crosses their border is carried.
#[inline(always)]
pub unsafe fn long_levenshtein<V: Vector>(
    table: *const u8,
    query: &[u8],
    work: *mut u8,
    blocks: usize,
) {
    // SAFETY: as the caller of `run` says.
    unsafe {
        let ones = V::all(true);
        let one = V::all(false).sub::<64>(ones);
        for block in 0..blocks {
            ones.store(work.add(2 * block * V::BYTES));
            V::all(false).store(work.add((2 * block + 1) * V::BYTES));
        }
        for character in query {
            let row = table.add(usize::from(*character) * blocks * V::BYTES);
            let (mut carry_plus, mut carry_minus) = (one, V::all(false));
            for block in 0..blocks {
                let state = work.add(2 * block * V::BYTES);
                let (plus, minus) = (V::load(state), V::load(state.add(V::BYTES)));
                let equal = V::load(row.add(block * V::BYTES));
                let x = equal.or(carry_minus);
                let zero = x.and(plus).add::<64>(plus).xor(plus).or(x).or(minus);
                let across_plus = minus.or(zero.or(plus).xor(ones));
                let across_minus = zero.and(plus);
                let (next_plus, next_minus) = (across_plus.top(), across_minus.top());
                let across_plus = across_plus.add::<64>(across_plus).or(carry_plus);
                let across_minus = across_minus.add::<64>(across_minus).or(carry_minus);
                (carry_plus, carry_minus) = (next_plus, next_minus);
                across_minus.or(zero.or(across_plus).xor(ones)).store(state);
                across_plus.and(zero).store(state.add(V::BYTES));
            }
        }
    }
}

/// As `indel`, several vectors one below the other.
#[inline(always)]
pub unsafe fn long_indel<V: Vector>(table: *const u8, query: &[u8], work: *mut u8, blocks: usize) {
    // SAFETY: as the caller of `run` says.
    unsafe {
        for block in 0..blocks {
            V::all(true).store(work.add(2 * block * V::BYTES));
            V::all(false).store(work.add((2 * block + 1) * V::BYTES));
        }
        for character in query {
            let row = table.add(usize::from(*character) * blocks * V::BYTES);
            let mut carry = V::all(false);
            for block in 0..blocks {
                let state = work.add(2 * block * V::BYTES);
                let left = V::load(state);
                let both = left.and(V::load(row.add(block * V::BYTES)));
                let sum = left.add::<64>(both);
                let carried = sum.add::<64>(carry);
                carry = sum.less(left).or(carried.less(sum));
                carried.or(left.sub::<64>(both)).store(state);
            }
        }
    }
}

/// Leaves the places that are matched in the first vector, how many are moved in the second. `lengths` ascend.
#[inline(always)]
pub unsafe fn jaro<V: Vector, const W: usize>(
    table: *const u8,
    query: &[u8],
    work: *mut u8,
    lengths: &[usize],
) {
    let bound = |lane: usize| (lengths[lane].max(query.len()) / 2).saturating_sub(1);
    let bytes = W / 8;
    // SAFETY: as the caller of `run` says; lanes are within a vector, the last two of the working memory.
    unsafe {
        let flags = work.add(2 * V::BYTES);
        let grows = work.add((2 + query.len()) * V::BYTES);
        // How far a place may be away: ones from the lowest on, one more for each character until the
        // window begins to leave the start behind.
        let mut starts = [0_u8; 64];
        for lane in 0..lengths.len() {
            let reach = (bound(lane) + 1).min(W);
            let ones = if reach == 64 {
                u64::MAX
            } else {
                (1 << reach) - 1
            };
            starts[lane * bytes..][..bytes].copy_from_slice(&ones.to_le_bytes()[..bytes]);
        }
        let one = V::all(false).sub::<W>(V::all(true));
        one.store(grows);
        let (mut window, mut grow) = (V::load(starts.as_ptr()), one);
        let (mut matched, mut lane) = (V::all(false), 0);
        for (place, character) in query.iter().enumerate() {
            let equal = V::load(table.add(usize::from(*character) * V::BYTES));
            let free = matched.without(equal.and(window));
            let lowest = free.and(V::all(false).sub::<W>(free));
            matched = matched.or(lowest);
            free.any::<W>().store(flags.add(place * V::BYTES));
            if lane < lengths.len() && bound(lane) <= place {
                while lane < lengths.len() && bound(lane) <= place {
                    std::ptr::write_bytes(grows.add(lane * bytes), 0, bytes);
                    lane += 1;
                }
                grow = V::load(grows);
            }
            window = window.add::<W>(window).or(grow);
        }
        matched.store(work);
        let mut moved = V::all(false);
        for (place, character) in query.iter().enumerate() {
            let equal = V::load(table.add(usize::from(*character) * V::BYTES));
            let here = V::load(flags.add(place * V::BYTES));
            let lowest = matched.and(V::all(false).sub::<W>(matched));
            moved = moved.sub::<W>(equal.and(lowest).any::<W>().without(here));
            matched = matched.xor(lowest.and(here));
        }
        moved.store(work.add(V::BYTES));
    }
}

/// Damerau-Levenshtein distances, without a limit to what lies between transposed characters: C. Zhao and S. Sahni,
/// "Linear space string correction algorithm using the Damerau-Levenshtein distance" (2020).
///
/// `columns` has a vector for each place of the longest string: the characters there. Says where in `work` the
/// last row is: the distance of the query from the first `n` characters of each string is in vector `n + 1`.
///
/// # Safety
/// As the caller of `run` says; there are five vectors of working memory for each column, and ten more. Neither the
/// query nor the columns are as many as the largest number of a lane.
#[inline(always)]
pub unsafe fn damerau<V: Vector, const W: usize>(
    columns: &[u8],
    query: &[u8],
    work: *mut u8,
) -> *const u8 {
    let count = columns.len() / V::BYTES;
    // SAFETY: as above.
    unsafe {
        let array = |number: usize| work.add(number * (count + 2) * V::BYTES);
        let at = |array: *mut u8, column: usize| array.add(column * V::BYTES);
        // Rows of the table, its first column being the second vector: the last but one, the last.
        let (mut here, mut above) = (array(0), array(1));
        // For each column: what a transposition that ends there would go on from; the last row of its character.
        let (from, last) = (array(2), array(3));
        let (one, none) = (V::splat::<W>(1), V::all(true));
        let most = V::splat::<W>(query.len().max(count) + 1);
        for column in 0..count + 2 {
            most.store(at(above, column));
            most.store(at(from, column));
            none.store(at(last, column));
            V::splat::<W>(column.wrapping_sub(1)).store(at(here, column));
        }
        most.store(here);
        for (row, character) in query.iter().enumerate() {
            let row = V::splat::<W>(row + 1);
            let character = V::splat::<W>(usize::from(*character));
            std::mem::swap(&mut here, &mut above);
            let mut before = V::load(at(here, 1));
            row.store(at(here, 1));
            let (mut column, mut left, mut last_column, mut across) =
                (V::all(false), row, none, most);
            let (mut diagonal, mut before_diagonal) = (V::load(at(above, 1)), V::load(above));
            for place in 0..count {
                column = column.add::<W>(one);
                let up = V::load(at(above, place + 2));
                let same = V::load(columns.as_ptr().add(place * V::BYTES))
                    .xor(character)
                    .none::<W>();
                let changed = diagonal.add::<W>(same.without(one));
                let mut value = left.least::<W>(up).add::<W>(one).least::<W>(changed);
                // What lies between in the one string, or in the other, is inserted or deleted.
                let (last_row, from_here) = (V::load(at(last, place)), V::load(at(from, place)));
                let (rows, columns) = (row.sub::<W>(last_row), column.sub::<W>(last_column));
                let beside = columns.xor(one).none::<W>();
                let below = rows.xor(one).none::<W>();
                let transposed = beside.choose(
                    from_here.plus::<W>(rows),
                    across.plus::<W>(columns).or(below.xor(none)),
                );
                value = value.least::<W>(transposed.or(same));
                same.choose(before_diagonal, from_here)
                    .store(at(from, place));
                same.choose(row, last_row).store(at(last, place));
                across = same.choose(before, across);
                last_column = same.choose(column, last_column);
                before = V::load(at(here, place + 2));
                value.store(at(here, place + 2));
                (before_diagonal, diagonal, left) = (diagonal, up, value);
            }
        }
        here
    }
}
