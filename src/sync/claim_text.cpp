#include "claim_text.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/json_writer.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/base/wall_clock.hpp>
#include <toolkit/process/tree.hpp>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace toolkit::sync {
namespace {

constexpr const char* kSchema = "toolkit.sync-claim/1";

std::string link_text(const char* path) {
  std::array<char, 64> text{};
  const ssize_t length = ::readlink(path, text.data(), text.size());
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : std::string();
}

std::string text_of(const nlohmann::json& json, const char* name) {
  const auto item = json.find(name);
  return item != json.end() && item->is_string() ? item->get<std::string>() : std::string();
}
std::uint64_t number_of(const nlohmann::json& json, const char* name) {
  const auto item = json.find(name);
  return item != json.end() && item->is_number_unsigned() ? item->get<std::uint64_t>() : 0;
}

}  // namespace

ClaimText own_claim_text() {
  ClaimText own;
  std::array<char, 256> host{};
  own.host = ::gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "";
  own.pid = ::getpid();
  own.start_ticks = process::process_info(::getpid()).start_ticks;
  const auto boot = read_file("/proc/sys/kernel/random/boot_id", 64);
  own.boot_id = boot ? std::string(trim(*boot)) : std::string();
  own.pid_namespace = link_text("/proc/self/ns/pid");
  own.since = utc_text(std::chrono::system_clock::now());
  return own;
}

std::string to_json(const ClaimText& claim) {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .field("schema", kSchema)
      .field("token", claim.token)
      .field("host", claim.host)
      .field("pid", claim.pid)
      .field("start_ticks", claim.start_ticks)
      .field("boot_id", claim.boot_id)
      .field("pid_namespace", claim.pid_namespace)
      .field("since", claim.since)
      .field("renewals", claim.renewals)
      .end_object();
  return text + '\n';
}

std::optional<ClaimText> parse_claim(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || text_of(json, "schema") != kSchema) {
    return std::nullopt;
  }
  ClaimText claim;
  claim.token = text_of(json, "token");
  claim.host = text_of(json, "host");
  claim.pid = static_cast<std::int64_t>(number_of(json, "pid"));
  claim.start_ticks = number_of(json, "start_ticks");
  claim.boot_id = text_of(json, "boot_id");
  claim.pid_namespace = text_of(json, "pid_namespace");
  claim.since = text_of(json, "since");
  claim.renewals = number_of(json, "renewals");
  return claim;
}

bool is_gone(const ClaimText& claim, const ClaimText& own) {
  if (own.boot_id.empty() || claim.boot_id != own.boot_id || own.pid_namespace.empty() ||
      claim.pid_namespace != own.pid_namespace || claim.pid <= 0) {
    return false;
  }
  const auto pid = static_cast<pid_t>(claim.pid);
  if (::kill(pid, 0) != 0 && errno == ESRCH) {
    return true;
  }
  const process::ProcessInfo there = process::process_info(pid);
  if (there.pid == 0) {
    return false;  // /proc may be hidden from us
  }
  const bool other = claim.start_ticks != 0 && there.start_ticks != claim.start_ticks;
  return other || there.state == 'Z' || there.state == 'X';
}

}  // namespace toolkit::sync
