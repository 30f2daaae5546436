#include <toolkit/base/json_writer.hpp>
#include <toolkit/base/secret.hpp>
#include <toolkit/process/signals.hpp>
#include <toolkit/waiting/report.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::waiting {
namespace {

constexpr std::size_t kNamedInProgress = 3;

// Fit to be printed: without secrets, and one line whatever a server has answered.
std::string shown(std::string_view text) {
  std::string line = mask_secrets(text);
  for (char& c : line) {
    c = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  }
  return line;
}

std::string seconds_text(double seconds) {
  return describe_duration(Milliseconds(static_cast<long long>(seconds * 1000 + 0.5)));
}

bool is_ready(const LeafReport& leaf) {
  return leaf.answered && (leaf.negated ? probe::denies(leaf.finding) : leaf.finding.met);
}

std::size_t count_ready(const std::vector<LeafReport>& leaves) {
  return static_cast<std::size_t>(std::count_if(leaves.begin(), leaves.end(), is_ready));
}

bool is_missing(const Report& report, std::size_t leaf) {
  return std::find(report.missing.begin(), report.missing.end(), leaf) != report.missing.end();
}

std::string why(const LeafReport& leaf) {
  if (!leaf.answered) {
    return "no answer yet";
  }
  if (leaf.finding.met && leaf.finding.reason != probe::Reason::over) {
    return leaf.negated ? "is so, and must not be" : "ready, but not for long enough";
  }
  const std::string words = shown(leaf.finding.words);
  return words.empty() ? std::string(probe::reason_name(leaf.finding.reason)) : words;
}

std::string tries(const LeafReport& leaf) {
  std::string text = fmt::format("{} {}", leaf.attempts, leaf.attempts == 1 ? "try" : "tries");
  if (leaf.answered) {
    text += leaf.age_seconds < 60 ? fmt::format(", last {:.1f}s ago", leaf.age_seconds)
                                  : fmt::format(", last {} ago", seconds_text(leaf.age_seconds));
  }
  return text;
}

std::string summary(const Report& report) {
  const std::string after = "after " + seconds_text(report.seconds);
  switch (report.ending) {
    case Ending::met:
      return "met " + after;
    case Ending::over:
      return fmt::format("over {}, exit code {}", after, report.exit_code);
    case Ending::impossible:
      return fmt::format("cannot be met any more, known {}", after);
    case Ending::lost:
      return fmt::format("lost {}: the supervisor of a job died without a word", after);
    case Ending::unknown:
      return fmt::format("cannot tell, known {}", after);
    case Ending::interrupted:
      return fmt::format("interrupted by {} {}: {} of {} ready",
                         process::signal_name(report.signal), after, count_ready(report.leaves),
                         report.leaves.size());
    case Ending::timed_out:
      break;
  }
  return fmt::format("timed out {}: {} of {} ready", after, count_ready(report.leaves),
                     report.leaves.size());
}

void write_condition(JsonWriter& json, const LeafReport& leaf, bool missing) {
  json.begin_object().field("text", shown(leaf.text)).field("met", leaf.finding.met);
  json.field("final", leaf.finding.final).field("missing", missing).key("reason");
  leaf.answered ? json.value(probe::reason_name(leaf.finding.reason)) : json.null();
  json.field("words", shown(leaf.finding.words)).key("exit_code");
  leaf.finding.exit_code ? json.value(*leaf.finding.exit_code) : json.null();
  json.field("attempts", leaf.attempts).key("age_seconds");
  leaf.answered ? json.value(leaf.age_seconds) : json.null();
  json.end_object();
}

}  // namespace

std::string_view ending_name(Ending ending) {
  constexpr std::array<std::string_view, 7> kNames{"met",     "over",      "impossible", "lost",
                                                   "unknown", "timed_out", "interrupted"};
  return kNames[static_cast<std::size_t>(ending)];
}

std::vector<std::string> describe(const Report& report) {
  std::vector<std::string> lines{summary(report)};
  for (std::size_t i = 0; i < report.leaves.size(); ++i) {
    const LeafReport& leaf = report.leaves[i];
    if (leaf.answered && leaf.finding.reason == probe::Reason::over) {
      lines.push_back(fmt::format("{}: {}", shown(leaf.text), why(leaf)));
    } else if (is_missing(report, i)) {
      lines.push_back(fmt::format("{}: {} ({})", shown(leaf.text), why(leaf), tries(leaf)));
    }
  }
  return lines;
}

std::string progress_line(const std::vector<LeafReport>& leaves, double seconds) {
  const auto whole = static_cast<long long>(seconds) * 1000;
  std::string line =
      fmt::format("waiting {}: {} of {} ready",
                  seconds < 60 ? format_duration(Milliseconds(whole)) : seconds_text(seconds),
                  count_ready(leaves), leaves.size());
  std::size_t named = 0;
  for (const LeafReport& leaf : leaves) {
    if (!is_ready(leaf) && named < kNamedInProgress) {
      line += fmt::format("; {}: {}", shown(leaf.text), why(leaf));
      ++named;
    }
  }
  return line;
}

std::string to_json(const Report& report) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().field("schema", kSchema).field("ending", ending_name(report.ending));
  json.field("exit_code", report.exit_code).key("signal");
  report.signal != 0 ? json.value(report.signal) : json.null();
  json.field("seconds", report.seconds).key("conditions").begin_array();
  for (std::size_t i = 0; i < report.leaves.size(); ++i) {
    write_condition(json, report.leaves[i], is_missing(report, i));
  }
  json.end_array().end_object();
  return text;
}

}  // namespace toolkit::waiting
