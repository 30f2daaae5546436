#include "check_gpu_text.hpp"

#include "check_gpu_tables.hpp"

#include <toolkit/base/secret.hpp>
#include <toolkit/diagnosis/words.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace toolkit::commands {
namespace {

using diagnosis::Finding;
using diagnosis::harmless;
using diagnosis::Status;

constexpr const char* kBold = "1";
constexpr const char* kRed = "1;31";
constexpr const char* kYellow = "1;33";
constexpr const char* kGreen = "1;32";
constexpr const char* kDim = "2";

std::string shown(std::string_view text) { return harmless(mask_secrets(text)); }

// Blanks inside of `…` hold a command line together.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words{""};
  bool quoted = false;
  for (const char letter : text) {
    quoted = letter == '`' ? !quoted : quoted;
    if (letter == ' ' && !quoted) {
      words.emplace_back();
    } else {
      words.back() += letter;
    }
  }
  return words;
}

class Page {
 public:
  explicit Page(PageStyle style) : style_(style) {}

  [[nodiscard]] std::string painted(std::string_view text, const char* colour) const {
    return style_.colour ? fmt::format("\033[{}m{}\033[0m", colour, text) : std::string(text);
  }
  void line(std::string_view text) { text_ += fmt::format("{}\n", text); }
  void heading(std::string_view text) { line('\n' + painted(text, kBold)); }
  // "  cause: …", its further lines below the first.
  void labelled(std::string_view label, std::string_view text) {
    const std::string indent(label.size() + 3, ' ');
    std::string row = fmt::format("  {} ", painted(label, kDim));
    std::size_t width = indent.size();
    for (const std::string& word : words_of(text)) {
      if (width > indent.size() && width + word.size() > style_.columns) {
        line(row.substr(0, row.size() - 1));
        row = indent;
        width = indent.size();
      }
      row += word + ' ';
      width += word.size() + 1;
    }
    line(row.substr(0, row.size() - 1));
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  PageStyle style_;
  std::string text_;
};

// Findings that ask for the same, or are not seen for the same reason.
struct Group {
  const Finding* finding;
  std::vector<std::string> ids, scopes;
  std::size_t others = 0;  // whose cause has other words
};

bool belongs(const Finding& a, const Finding& b) {
  const bool acts = a.status == Status::fail || a.status == Status::warn;
  return a.status == b.status && a.blocked_by == b.blocked_by &&
         (acts
              ? a.id == b.id && a.variant == b.variant && a.owner == b.owner && a.remedy == b.remedy
              : a.cause == b.cause);
}

void add_once(std::vector<std::string>& list, const std::string& item) {
  if (!item.empty() && std::ranges::find(list, item) == list.end()) {
    list.push_back(item);
  }
}

template <typename Wanted>
std::vector<Group> groups_of(const std::vector<Finding>& findings, Wanted wanted) {
  std::vector<Group> groups;
  for (const Finding& finding : findings) {
    if (!wanted(finding)) {
      continue;
    }
    auto group = std::ranges::find_if(
        groups, [&](const Group& one) { return belongs(*one.finding, finding); });
    if (group == groups.end()) {
      group = groups.insert(groups.end(), Group{&finding, {}, {}, 0});
    } else if (finding.primary) {
      group->finding = &finding;
    }
    group->others += finding.cause != group->finding->cause ? 1 : 0;
    add_once(group->ids, finding.id);
    add_once(group->scopes, finding.scope);
  }
  // The primary one first, then failures before warnings, each in the order of the chain.
  std::ranges::stable_sort(groups, {}, [](const Group& group) {
    return group.finding->primary ? 0 : group.finding->status == Status::fail ? 1 : 2;
  });
  return groups;
}

void add_finding(Page& page, const Group& group, const gpu::Inventory& inventory) {
  const Finding& finding = *group.finding;
  const bool failed = finding.status == Status::fail;
  std::string head = fmt::format("{}  {}", page.painted(shown(finding.id), kBold),
                                 page.painted(failed ? "FAIL" : "WARN", failed ? kRed : kYellow));
  head += fmt::format("  owner: {}", owner_name(finding.owner));
  if (!group.scopes.empty()) {
    head += "  scope: " + shown(scope_names(group.scopes, inventory));
  }
  page.line('\n' + head);
  page.labelled("cause:",
                shown(finding.cause) +
                    (group.others == 0 ? "" : fmt::format("; {} more like it", group.others)));
  if (!finding.remedy.empty()) {
    page.labelled("do:   ", shown(finding.remedy));
  }
  if (!finding.evidence.empty()) {
    page.labelled("seen: ", shown(fmt::format("{}", fmt::join(finding.evidence, "; "))));
  }
}

void add_verdict(Page& page, const diagnosis::Verdict& verdict) {
  const diagnosis::Counts counts = count(verdict);
  std::vector<std::string> words;
  const auto add = [&](std::size_t number, std::string_view one, std::string_view many) {
    if (number > 0) {
      words.push_back(fmt::format("{} {}", number, number == 1 ? one : many));
    }
  };
  add(counts.fail, "failure", "failures");
  add(counts.warn, "warning", "warnings");
  add(counts.blocked, "check blocked", "checks blocked");
  words.push_back(fmt::format("{} passed", counts.pass));
  add(counts.unknown, "could not be observed", "could not be observed");
  const char* colour = counts.fail > 0 ? kRed : counts.warn > 0 ? kYellow : kGreen;
  page.line(
      fmt::format("{}   {}", page.painted(verdict_title(verdict), colour), fmt::join(words, ", ")));
}

std::string status_words(const Finding& finding) {
  return finding.blocked_by.empty() ? std::string(status_name(finding.status))
                                    : "blocked by " + finding.blocked_by;
}

// One line each, for what nobody has to act on.
template <typename Wanted>
void add_list(Page& page, std::string_view title, const Judged& judged,
              const gpu::Inventory& inventory, bool with_status, Wanted wanted) {
  const auto groups = groups_of(judged.verdict.findings, wanted);
  if (groups.empty()) {
    return;
  }
  page.heading(title);
  for (const Group& group : groups) {
    const Finding& finding = *group.finding;
    std::string text = with_status ? status_words(finding) + ": " : "";
    text += shown(finding.cause) + fmt::format(" ({}", fmt::join(group.ids, ", "));
    text += group.scopes.empty() ? ")" : "; " + shown(scope_names(group.scopes, inventory)) + ")";
    page.labelled("-", text);
  }
}

// Heads of columns, then rows.
void add_table(Page& page, const std::vector<std::string>& rows) {
  if (!rows.empty()) {
    page.heading(shown(rows.front()));
    std::ranges::for_each(rows.begin() + 1, rows.end(),
                          [&](const std::string& row) { page.line(shown(row)); });
  }
}

void add_tables(Page& page, const Judged& judged, const gpu::Inventory& inventory) {
  add_table(page, gpu_table(judged, inventory));
  add_table(page, deep_table(judged.facts.probes.deep));
  if (inventory.of_others > 0) {
    page.line(
        fmt::format("  {} more in this machine, not given to this container", inventory.of_others));
  }
  add_table(page, link_table(judged.facts, inventory));
}

}  // namespace

std::string to_text(const Judged& judged, PageStyle style) {
  const gpu::Inventory inventory = gpu::take_inventory(judged.facts);
  const auto& findings = judged.verdict.findings;
  Page page(style);
  add_verdict(page, judged.verdict);
  for (const Group& group : groups_of(findings, [](const Finding& finding) {
         return finding.status == Status::fail || finding.status == Status::warn;
       })) {
    add_finding(page, group, inventory);
  }
  add_tables(page, judged, inventory);
  add_list(page, "Could not be observed", judged, inventory, false, [](const Finding& finding) {
    return finding.status == Status::unknown && finding.blocked_by.empty();
  });
  if (style.all) {
    add_list(page, "Everything else", judged, inventory, true, [](const Finding& finding) {
      return finding.status == Status::pass || finding.status == Status::skip;
    });
  }
  for (const std::string& trouble : judged.facts.troubles) {
    page.line(shown(trouble));
  }
  return page.take();
}

}  // namespace toolkit::commands
