#include <toolkit/base/secret.hpp>
#include <toolkit/base/utf8.hpp>
#include <toolkit/diagnosis/words.hpp>

#include <fmt/core.h>

namespace toolkit::diagnosis {

Counts count(const Verdict& verdict) {
  Counts counts;
  for (const Finding& finding : verdict.findings) {
    std::size_t& kind = !finding.blocked_by.empty()      ? counts.blocked
                        : finding.status == Status::pass ? counts.pass
                        : finding.status == Status::warn ? counts.warn
                        : finding.status == Status::fail ? counts.fail
                        : finding.status == Status::skip ? counts.skip
                                                         : counts.unknown;
    ++kind;
  }
  return counts;
}

std::string_view verdict_name(const Verdict& verdict) {
  const Finding* primary = verdict.primary();
  if (primary != nullptr && primary->status == Status::fail) {
    return "not_fit";
  }
  return !verdict.proven ? "unknown" : primary != nullptr ? "fit_with_warnings" : "fit";
}

std::string_view verdict_title(const Verdict& verdict) {
  const Finding* primary = verdict.primary();
  if (primary != nullptr && primary->status == Status::fail) {
    return "NOT FIT TO TRAIN";
  }
  return !verdict.proven      ? "CANNOT TELL WHETHER IT CAN TRAIN"
         : primary != nullptr ? "FIT TO TRAIN, WITH WARNINGS"
                              : "FIT TO TRAIN";
}

std::string one_line(const Verdict& verdict) {
  const Finding* primary = verdict.primary();
  if (primary == nullptr) {
    return std::string(verdict_title(verdict));
  }
  return fmt::format("{}: {}, for the {}: {}", verdict_title(verdict), primary->id,
                     owner_name(primary->owner), harmless(mask_secrets(primary->cause)));
}

std::string harmless(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    const bool control =
        first < 0x20 || first == 0x7f ||
        (length == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0);
    const std::size_t taken = length == 0 ? 1 : length;
    for (const char byte : text.substr(0, taken)) {
      out += control || length == 0 ? fmt::format("\\x{:02x}", static_cast<unsigned char>(byte))
                                    : std::string(1, byte);
    }
    text.remove_prefix(taken);
  }
  return out;
}

}  // namespace toolkit::diagnosis
