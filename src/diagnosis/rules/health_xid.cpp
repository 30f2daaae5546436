// Errors that the kernel log has, where it may be read.
#include "../xid_classes.hpp"
#include "gpus.hpp"
#include "health.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace toolkit::diagnosis {
namespace {

struct Xid {
  std::string address;  // "0000:3b:00.0", "" where the line has none
  int code = 0;
  std::string line;
};

// "NVRM: Xid (PCI:0000:3b:00): 79, pid=1234, GPU has fallen off the bus."
std::optional<Xid> xid_of(std::string_view line) {
  constexpr std::string_view kMark = "NVRM: Xid (";
  const std::size_t at = line.find(kMark);
  const std::size_t end = line.find("): ", at == line.npos ? 0 : at);
  if (at == line.npos || end == line.npos) {
    return std::nullopt;
  }
  std::string_view place = line.substr(at + kMark.size(), end - at - kMark.size());
  std::string_view rest = line.substr(end + 3);
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  const auto code = parse_whole(rest.substr(0, digits));
  if (!code || *code > 100000) {
    return std::nullopt;
  }
  Xid xid{"", static_cast<int>(*code), printable(trim(line.substr(at)))};
  if (place.starts_with("PCI:")) {
    xid.address = std::string(place.substr(4)) + ".0";
    std::ranges::transform(xid.address, xid.address.begin(),
                           [](unsigned char c) { return std::tolower(c); });
  }
  return xid;
}

const char* remedy_of(XidClass group) {
  switch (group) {
    case XidClass::reset:
      return "on the node, stop the GPU's users and run `nvidia-smi --gpu-reset -i GPU`, or reboot";
    case XidClass::reboot:
      return "do not reuse this node before it was power-cycled; replace the GPU if it happens "
             "again";
    case XidClass::mechanical:
      return "check the GPU's power cables and seat";
    case XidClass::replace:
      return "have the GPU replaced";
    case XidClass::software:
      return "update driver and GPU firmware on the node";
    case XidClass::contained:
      return "start the program again; reset the GPU when a row waits to be remapped";
    default:
      return "watch whether the number grows";
  }
}

Owner owner_of(XidClass group) {
  return group == XidClass::reset || group == XidClass::software ? Owner::node : Owner::hardware;
}

// The worse, the higher; 0 for what needs nothing.
int weight(const Xid& xid) {
  const XidRow* row = find_xid(xid.code);
  if (row == nullptr) {
    return 1;
  }
  switch (row->group) {
    case XidClass::application:
    case XidClass::secondary:
      return 0;
    case XidClass::wear:
    case XidClass::contained:
      return 2;
    case XidClass::software:
      return 3;
    case XidClass::reset:
      return 4;
    default:
      return 5;
  }
}

Finding judged(const Xid& xid) {
  const XidRow* row = find_xid(xid.code);
  if (row == nullptr) {
    return as("unlisted",
              warn(Owner::node, fmt::format("Xid {} is newer than this program", xid.code),
                   "look it up in NVIDIA's Xid catalogue", {xid.line}));
  }
  std::string cause =
      fmt::format("Xid {}{}{}", xid.code, row->meaning.empty() ? "" : ": ", row->meaning);
  if (!row->others.empty()) {
    cause += fmt::format(" ({})", row->others);
  }
  const int how_bad = weight(xid);
  if (how_bad == 0) {
    return pass(cause + ", which the GPU survives", {xid.line});
  }
  if (how_bad <= 2) {
    return as(row->group == XidClass::wear ? "wear" : "contained",
              warn(Owner::hardware, cause, remedy_of(row->group), {xid.line}));
  }
  constexpr const char* kVariants[] = {"reset", "reboot", "mechanical", "replace", "software"};
  const auto variant =
      static_cast<std::size_t>(row->group) - static_cast<std::size_t>(XidClass::reset);
  return as(kVariants[variant],
            fail(owner_of(row->group), cause, remedy_of(row->group), {xid.line}));
}

}  // namespace

std::vector<Finding> judge_xid(const Question& question) {
  if (!nvml_matters(question)) {
    return {};
  }
  const auto& log = question.facts.host.kernel_log;
  if (!log) {
    return {
        unknown("the kernel log may not be read here: /dev/kmsg with CAP_SYSLOG would show it")};
  }
  std::map<std::string, Xid> worst;  // by GPU
  for (const std::string_view line : split(*log, '\n')) {
    const auto xid = xid_of(line);
    if (xid &&
        (worst.find(xid->address) == worst.end() || weight(worst[xid->address]) <= weight(*xid))) {
      worst[xid->address] = *xid;
    }
  }
  std::vector<Finding> findings;
  for (const auto& [address, xid] : worst) {
    findings.push_back(judged(xid));
    findings.back().scope = address;
  }
  if (findings.empty()) {
    findings.push_back(pass("the kernel log has no Xid"));
  }
  return findings;
}

}  // namespace toolkit::diagnosis
