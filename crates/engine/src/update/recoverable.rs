//! Whether what a part has of an utterance can be had exactly of the dataset's rows.

use ossicle_dsp::Widen;
use ossicle_recipe::Scope;

use super::counts::WhyAgain;
use crate::plan::Plan;
use crate::plan::arrays::FeatureArray;

/// Returns why base rows cannot be had of the dataset's; none where they can. Labels, the mask of speech and events
/// stand in both as they are.
pub(super) fn obstacle(plan: &Plan) -> Option<WhyAgain> {
    plan.arrays.features.iter().find_map(|array| of_array(plan, array))
}

fn of_array(plan: &Plan, array: &FeatureArray) -> Option<WhyAgain> {
    if array.is_int16 {
        // The part has samples as they were computed.
        return Some(WhyAgain::Rounded);
    }
    let normalized = plan.recipe().normalize().map(|table| table.scope);
    match normalized {
        // Normalised while they are computed: so are the rows of parts.
        None | Some(Scope::Sliding) => {}
        Some(_) if array.is_plain => {}
        Some(_) => return Some(WhyAgain::Normalized),
    }
    // A row has its frame's own columns among its neighbours', if there is a row for each frame.
    (!has_a_row_for_each_frame(array)).then_some(WhyAgain::FewerRows)
}

fn has_a_row_for_each_frame(array: &FeatureArray) -> bool {
    let after = &array.after;
    // Rows that would reach past the last frame may be dropped, however many frames there are.
    let has_all = |frames: usize| after.num_rows(frames) == frames;
    after.frames_per_row() == 1 && has_all(1) && has_all(1000) && after.wide.num_rows(1000) == 1000
}
