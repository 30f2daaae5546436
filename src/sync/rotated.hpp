#pragma once
// Files that were renamed at the source are renamed at the destination, before anything is sent.

#include "listing.hpp"
#include "session.hpp"

#include <toolkit/selection/walk.hpp>

namespace toolkit::sync {

/// `files` of one directory of the source, `listing` what the destination has there: it is brought
/// up to date with the renames. Where a rename is not possible nothing is done: the file is sent.
void follow_renames(Session& session, Source& source, const std::string& directory,
                    const std::vector<selection::Found>& files, Listing* listing);

}  // namespace toolkit::sync
