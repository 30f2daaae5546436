#pragma once
// `toolkit sync`: brings files to a place where they are safe, while they grow.

#include <toolkit/cli/command.hpp>
#include <toolkit/sync/engine.hpp>

#include <string>
#include <vector>

namespace toolkit::commands {

/// Bytes a second, as rsync writes them: a bare number counts KiB.
struct Bandwidth {
  std::uint64_t bytes = 0;
};

/// A point in time: 2021-07-04, "2021-07-04 15:50:26", or so long ago: 2h.
struct Since {
  std::int64_t nanoseconds = 0;
};

struct SyncOptions {
  std::vector<selection::RuleText> rules;
  bool cvs_exclude = false;
  bool prune_empty_directories = false;
  std::optional<ByteSize> maximum_size, minimum_size;
  std::optional<Since> newer;
  selection::Links links = selection::Links::inside;
  std::vector<std::string> growing, whole;
  std::string explain;

  bool append = false, checksum = false, dry_run = false;
  sync::OnRewrite on_rewrite = sync::OnRewrite::keep;
  std::optional<int> jobs;
  Bandwidth bandwidth;
  int retries = 5;
  Milliseconds retry_delay{500};
  ByteSize minimum_free{0};
  Milliseconds timeout{0};

  bool follow = false;
  Milliseconds interval{10'000}, maximum_lag{1'000}, grace{25'000};
  std::vector<std::string> until;
  std::string status_file;

  std::string rsh, identity;
  bool accept_new_host_key = false;
  std::string endpoint, profile, region, ca_file;
  Milliseconds silence{30'000};
  std::string state_directory;

  bool progress = false, stats = false, json = false;
  bool ignored = false;  // what rsync's options mean is done anyway
};

[[nodiscard]] cli::Command sync_command();
[[nodiscard]] std::span<const cli::Option> sync_options();

/// The operands are SRC… DEST.
[[nodiscard]] Result<int> execute_sync(const SyncOptions& options,
                                       std::span<const std::string> operands);

}  // namespace toolkit::commands
