#include "voice.hpp"

#include <chrono>

namespace toolkit::supervise {
namespace {

output::Level output_level(log::Level level) {
  switch (level) {
    case log::Level::debug:
      return output::Level::debug;
    case log::Level::info:
      return output::Level::info;
    case log::Level::warn:
      return output::Level::warn;
    default:
      return output::Level::error;
  }
}

}  // namespace

void Voice::use(output::Tee* tee) {
  tee_ = tee;
  if (tee == nullptr) {
    log::set_writer({});
    return;
  }
  log::set_writer([tee](log::Level /*level*/, std::string_view line) {
    tee->say(line, std::chrono::steady_clock::now());
  });
}

void Voice::note(log::Level level, std::string_view words) {
  if (tee_ != nullptr) {
    tee_->note(output_level(level), "run", words, std::chrono::system_clock::now());
  }
}

void Voice::say(log::Level level, std::string_view words) {
  note(level, words);
  TOOLKIT_LOG(level, "{}", words);
}

bool Voice::gives_account() const {
  return tee_ != nullptr || log::enabled(accounting_ ? log::Level::info : log::Level::debug);
}

void Voice::account(std::string_view words) {
  note(log::Level::info, words);
  TOOLKIT_LOG(accounting_ ? log::Level::info : log::Level::debug, "{}", words);
}

}  // namespace toolkit::supervise
