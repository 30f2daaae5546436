#include "sync_engine.hpp"

#include <toolkit/base/log.hpp>
#include <toolkit/job/store.hpp>

#include <unistd.h>

#include <cstdlib>

namespace toolkit::commands {

sync::Options engine_options(const SyncOptions& options) {
  sync::Options engine;
  engine.selection = {.rules = options.rules,
                      .links = options.links,
                      .limits = {},
                      .prune_empty_directories = options.prune_empty_directories,
                      .growing = options.growing,
                      .whole = options.whole};
  if (options.cvs_exclude) {  // wherever it was written: rsync(1), --cvs-exclude
    for (const char* const rule : {":C", "-C"}) {
      engine.selection.rules.push_back({selection::RuleText::Form::filter, rule});
    }
  }
  if (options.maximum_size) {
    engine.selection.limits.maximum_size = options.maximum_size->bytes;
  }
  if (options.minimum_size) {
    engine.selection.limits.minimum_size = options.minimum_size->bytes;
  }
  if (options.newer) {
    engine.selection.limits.newer = options.newer->nanoseconds;
  }
  engine.transfer = {.all_growing = options.append,
                     .checksum = options.checksum,
                     .on_rewrite = options.on_rewrite,
                     .jobs = std::nullopt,
                     .bandwidth = options.bandwidth.bytes,
                     .retries = options.retries,
                     .retry_delay = options.retry_delay,
                     .minimum_free = options.minimum_free.bytes,
                     .dry_run = options.dry_run};
  if (options.jobs) {
    engine.transfer.jobs = static_cast<std::size_t>(*options.jobs);
  }
  engine.follow = {.follow = options.follow,
                   .interval = options.interval,
                   .maximum_lag = options.maximum_lag,
                   .until = options.until,
                   .grace = options.grace,
                   .status_file = options.status_file};
  engine.store = {.ssh = {.command = options.rsh,
                          .identity = options.identity,
                          .accept_new_host_key = options.accept_new_host_key},
                  .s3 = {.endpoint = options.endpoint,
                         .profile = options.profile,
                         .region = options.region,
                         .ca_file = options.ca_file},
                  .silence = options.silence,
                  .stop_fd = -1,
                  .get_env = [](const char* name) -> const char* { return ::getenv(name); }};
  engine.timeout = options.timeout;
  engine.state_directory = options.state_directory;
  return engine;
}

std::string journal_directory(const SyncOptions& options) {
  if (!options.state_directory.empty()) {
    return options.state_directory + "/sync";
  }
  const auto get_env = [](const char* name) -> const char* { return ::getenv(name); };
  if (options.dry_run) {  // which makes none
    for (const std::string& place : job::state_directories(get_env)) {
      if (::access((place + "/sync").c_str(), X_OK) == 0) {
        return place + "/sync";
      }
    }
    return "";
  }
  const auto directory = job::state_directory(get_env);
  if (!directory) {
    log_debug("no journal: {}", directory.error().message);
    return "";
  }
  return *directory + "/sync";
}

Result<void> read_places(std::span<const std::string> operands, sync::Options& engine) {
  if (operands.size() < 2) {
    return fail(ErrorKind::usage, "SRC and DEST are needed",
                "toolkit sync run/ /mnt/logs/, or s3://BUCKET/PREFIX, or HOST:PATH");
  }
  for (const std::string& text : operands.first(operands.size() - 1)) {
    TRY_ASSIGN(auto location, store::parse_location(text));
    engine.sources.push_back(std::move(location));
  }
  TRY_ASSIGN(engine.destination, store::parse_location(operands.back()));
  return {};
}

}  // namespace toolkit::commands
