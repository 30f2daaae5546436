#pragma once
// What the engine of `sync` is told: the options and operands as they were typed, in its words.

#include "sync.hpp"

#include <toolkit/sync/engine.hpp>

#include <span>
#include <string>

namespace toolkit::commands {

[[nodiscard]] sync::Options engine_options(const SyncOptions& options);

/// Where the journal is to lie. Without a place for it every start proves anew what lies at the
/// destination.
[[nodiscard]] std::string journal_directory(const SyncOptions& options);

/// SRC… DEST into the engine's options.
[[nodiscard]] Result<void> read_places(std::span<const std::string> operands,
                                       sync::Options& engine);

}  // namespace toolkit::commands
