#include "env_text.hpp"

#include "env_text_parts.hpp"

#include <toolkit/base/secret.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace toolkit::commands {
namespace {

// Groups of rows; the columns are as wide as their widest cell, up to a point.
class Page {
 public:
  explicit Page(bool colour) : colour_(colour) {}

  void group(std::string_view heading, const std::vector<Row>& rows) {
    if (rows.empty()) {
      return;
    }
    std::size_t name = 0, value = 0;
    for (const Row& row : rows) {
      name = std::max(name, row.name.size());
      value = std::max(value, std::min<std::size_t>(row.value.size(), 24));
    }
    text_ += text_.empty() ? "" : "\n";
    text_ += (colour_ ? fmt::format("\033[1m{}\033[0m\n", heading) : fmt::format("{}\n", heading));
    for (const Row& row : rows) {
      line(fmt::format("  {:<{}}  {:<{}}", row.name, name, row.value, value), row.remark);
    }
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void line(std::string left, const std::string& remark) {
    if (!remark.empty()) {
      left += colour_ ? fmt::format("  \033[2m{}\033[0m", remark) : "  " + remark;
    }
    left.erase(left.find_last_not_of(' ') + 1);
    text_ += left + '\n';
  }
  bool colour_;
  std::string text_;
};

}  // namespace

std::string joined(const std::vector<std::string>& items) {
  return mask_secrets(fmt::format("{}", fmt::join(items, ", ")));
}

std::string to_text(const Situation& situation, bool colour) {
  Page page(colour);
  page.group("Identity", identity_rows(situation));
  page.group("Also exported", export_rows(situation));
  page.group("Launchers and platforms", provider_rows(situation.identity));
  page.group("Limits", limit_rows(situation));
  page.group("Machine", machine_rows(situation));
  page.group("Network", network_rows(situation.facts.network));
  std::vector<Row> troubles;
  for (const std::string& trouble : troubles_of(situation)) {
    troubles.push_back({mask_secrets(trouble), "", ""});
  }
  page.group("Could not be read", troubles);
  return page.take();
}

}  // namespace toolkit::commands
