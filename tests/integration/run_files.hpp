#pragma once
// What `toolkit run` leaves behind, looked at without our own readers: the record, events and logs
// as text. Whether the JSON is JSON is asked of Python, once (run_record_test).

#include <doctest/doctest.h>
#include <signal.h>
#include <tests/support/process.hpp>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::support {

using Words = std::vector<std::string>;

/// {"run", options…, "--", child…}
[[nodiscard]] inline Words run_with(Words options, const Words& child) {
  return Words{"run"} + std::move(options) + Words{"--"} + child;
}
[[nodiscard]] inline Words shell(const std::string& script) { return {"sh", "-c", script}; }

/// Seconds since 1970.
[[nodiscard]] inline double unix_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

[[nodiscard]] inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

[[nodiscard]] inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

[[nodiscard]] inline int count_of(std::string_view text, std::string_view part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

/// The value of the first such key as it is written: `3`, `null`, `true`; a string without quotes.
[[nodiscard]] inline std::string json_field(const std::string& json, const std::string& key) {
  const std::string label = "\"" + key + "\":";
  const auto at = json.find(label);
  if (at == std::string::npos) {
    return "no " + key;
  }
  const std::string rest = json.substr(at + label.size());
  const auto start = rest.find_first_not_of(" \"");
  const bool text = rest.substr(0, start).find('"') != std::string::npos;
  return rest.substr(start, rest.find_first_of(text ? "\"" : ",}\n ", start) - start);
}

[[nodiscard]] inline std::string record_path(const std::string& name) {
  return state_dir() + "/" + name + "/job.json";
}

[[nodiscard]] inline std::string record_field(const std::string& name, const std::string& key) {
  return json_field(read_file_or_empty(record_path(name)), key);
}

/// kill(2) with 0 or -1 would reach the test itself: a number that was not found must not.
inline void send_signal(pid_t pid, int number) {
  REQUIRE(pid > 1);
  ::kill(pid, number);
}

[[nodiscard]] inline bool becomes(const std::string& name, const std::string& state) {
  return wait_until([&] { return record_field(name, "state") == state; });
}

/// "started stopping main_ended exited"
[[nodiscard]] inline std::string event_names(const std::string& path) {
  std::string names;
  for (const std::string& line : lines_of(read_file(path))) {
    names += (names.empty() ? "" : " ") + json_field(line, "event");
  }
  return names;
}

/// How often a test repeats what must never fail: FULL=1 is for the night.
[[nodiscard]] inline int rounds(int quick, int full) {
  return ::getenv("FULL") != nullptr ? full : quick;
}

/// Limits of time are for a machine that does other things too; instrumented builds get more.
[[nodiscard]] inline double relaxed(double seconds) { return sanitized() ? seconds * 5 : seconds; }

}  // namespace toolkit::support
