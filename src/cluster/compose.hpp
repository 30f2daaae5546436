#pragma once
// What follows from what a platform has said.

#include "account.hpp"

namespace toolkit::cluster {

/// The whole number of a value; nothing for none.
[[nodiscard]] std::optional<std::uint64_t> number_of(const Values& values, Field field);

/// As many processes here as in the whole job: one node.
void compose_single_node(Account& account);
/// RANK = the processes of the nodes before + LOCAL_RANK, for who knows its node only.
void compose_ranks(Account& account);
/// Troubles for what cannot be true together, such as a rank beyond the size.
void check_sizes(Account& account);

}  // namespace toolkit::cluster
