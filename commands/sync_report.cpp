#include "sync_report.hpp"

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/file.hpp>
#include <toolkit/base/json_writer.hpp>
#include <toolkit/base/log.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/format.h>
#include <unistd.h>

namespace toolkit::commands {
namespace {

using sync::Action;

bool is_change(Action action) { return action != Action::unchanged && action != Action::left_out; }

// Names may hold anything; a line of ours stays one, and no terminal obeys it.
std::string visible(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    result += is_control ? printable(std::string_view(&c, 1)) : std::string(1, c);
  }
  return result;
}

std::string event_json(const sync::FileEvent& event) {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .field("event", "file")
      .field("action", sync::action_name(event.action))
      .field("name", event.name)
      .field("size_bytes", event.bytes)
      .field("why", event.why)
      .end_object();
  return text;
}

std::string trouble_json(const char* kind, const std::string& name, const Error& error) {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .field("event", kind)
      .field("name", name)
      .field("message", error.message)
      .field("remedy", error.remedy)
      .end_object();
  return text;
}

}  // namespace

Result<void> print(const std::string& line) { return write_answer(line + '\n'); }

void SyncReporter::on_file(const sync::FileEvent& event) {
  if (settings_.json) {
    if (settings_.dry_run || is_change(event.action)) {
      (void)print(event_json(event));
    }
  } else if (settings_.dry_run) {
    (void)print(fmt::format("{:<9} {:>9}  {}  ({})", sync::action_name(event.action),
                            describe_bytes(event.bytes), printable(event.name), event.why));
  } else if (is_change(event.action)) {
    log_debug("{} {} ({}) {}", sync::action_name(event.action), printable(event.name),
              describe_bytes(event.bytes), event.why);
  }
}

void SyncReporter::on_problem(const std::string& name, const Error& error) {
  if (settings_.json) {
    (void)print(trouble_json("problem", name, error));
  }
  if (settings_.following) {
    log_error("{}{}", visible(error.message), error.remedy.empty() ? "" : "; try: " + error.remedy);
    return;
  }
  log::write_raw(fmt::format("toolkit sync: {}\n", visible(error.message)) +
                 (error.remedy.empty() ? "" : fmt::format("  try: {}\n", visible(error.remedy))));
}

void SyncReporter::on_retry(const std::string& name, const Error& error, Milliseconds pause) {
  if (settings_.json) {
    (void)print(trouble_json("retry", name, error));
  }
  log_warn("{}; again in {}", visible(error.message), describe_duration(pause));
}

std::string brief_words(const sync::Summary& summary, bool dry_run) {
  const std::uint64_t copied = summary.created + summary.appended + summary.replaced;
  std::string text = fmt::format(
      "{}{} {}, {}, in {}", dry_run ? "would copy " : "copied ", copied,
      copied == 1 ? "file" : "files",
      describe_bytes(dry_run ? summary.bytes_grown : summary.bytes_sent),
      describe_duration(Milliseconds(static_cast<std::int64_t>(summary.seconds * 1000))));
  const auto add = [&](std::uint64_t count, const char* words) {
    if (count > 0) {
      text += fmt::format("; {} {}", count, words);
    }
  };
  add(summary.unchanged, "unchanged");
  add(summary.renamed, "renamed");
  add(summary.kept, "old generations kept");
  add(summary.failed, "failed");
  if (summary.lag_seconds > 0) {
    text += fmt::format(
        "; behind by {}",
        describe_duration(Milliseconds(static_cast<std::int64_t>(summary.lag_seconds * 1000))));
  }
  return text;
}

std::string stats_words(const sync::Summary& summary) {
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("{:<18} {:>14}\n", name, value);
  };
  line("files", std::to_string(summary.files));
  line("  unchanged", std::to_string(summary.unchanged));
  line("  created", std::to_string(summary.created));
  line("  appended", std::to_string(summary.appended));
  line("  replaced", std::to_string(summary.replaced));
  line("  renamed", std::to_string(summary.renamed));
  line("  kept aside", std::to_string(summary.kept));
  line("  failed", std::to_string(summary.failed));
  line("bytes in files", describe_bytes(summary.bytes_total));
  line("bytes grown", describe_bytes(summary.bytes_grown));
  line("bytes sent", describe_bytes(summary.bytes_sent));
  line("retries", std::to_string(summary.retries));
  line("seconds", fmt::format("{:.3f}", summary.seconds));
  text.pop_back();
  return text;
}

std::string summary_json(const sync::Summary& summary, int exit_code) {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .field("schema", "toolkit.sync/1")
      .field("event", "summary")
      .field("exit_code", exit_code)
      .field("files", summary.files)
      .field("unchanged", summary.unchanged)
      .field("created", summary.created)
      .field("appended", summary.appended)
      .field("replaced", summary.replaced)
      .field("renamed", summary.renamed)
      .field("kept", summary.kept)
      .field("left_out", summary.left_out)
      .field("failed", summary.failed)
      .field("total_bytes", summary.bytes_total)
      .field("grown_bytes", summary.bytes_grown)
      .field("sent_bytes", summary.bytes_sent)
      .field("retries", summary.retries)
      .field("passes", summary.passes)
      .key("lag_seconds")
      .value(summary.lag_seconds)
      .key("seconds")
      .value(summary.seconds)
      .end_object();
  return text;
}

std::string progress_words(const sync::Progress& progress, double seconds) {
  const double rate = seconds > 0 ? static_cast<double>(progress.bytes_sent) / seconds : 0;
  std::string text = fmt::format(
      "{} of {}{} files, {} of {}, {}/s", progress.files_done, progress.files_found,
      progress.all_found ? "" : "+", describe_bytes(progress.bytes_sent),
      describe_bytes(progress.bytes_found), describe_bytes(static_cast<std::uint64_t>(rate)));
  if (progress.all_found && rate > 0 && progress.bytes_found > progress.bytes_sent) {
    const double left = static_cast<double>(progress.bytes_found - progress.bytes_sent) / rate;
    text += fmt::format(", {} left",
                        describe_duration(Milliseconds(static_cast<std::int64_t>(left * 1000))));
  }
  return text;
}

}  // namespace toolkit::commands
