#include "tables_text.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/gpu/tables.hpp>
#include <toolkit/gpu/version.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace toolkit::gpu {
namespace {

using Words = std::span<const std::string_view>;

std::string value(std::string_view word) { return word == "-" ? "" : std::string(word); }

bool is_version(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789.") == std::string_view::npos &&
         version_part(word, 0) >= 0;
}

// A limit may also be a whole family, "12.x", or nothing.
bool is_limit(std::string_view word) {
  return word == "-" || is_version(word) ||
         (word.ends_with(".x") && is_version(word.substr(0, word.size() - 2)));
}

template <typename Row, typename Same>
void lay(std::vector<Row>& rows, Row row, Same same) {
  const auto it = std::ranges::find_if(rows, [&](const Row& old) { return same(old, row); });
  it == rows.end() ? rows.push_back(std::move(row)) : void(*it = std::move(row));
}

bool take_cuda(Words words, Tables& tables) {
  if (words.size() != 3 || !is_version(words[1]) || !is_version(words[2])) {
    return false;
  }
  lay(tables.cuda, CudaRow{value(words[1]), value(words[2])},
      [](const CudaRow& a, const CudaRow& b) { return a.cuda == b.cuda; });
  return true;
}

bool take_family(Words words, Tables& tables) {
  if (words.size() != 3 || !is_version(words[1]) || !is_version(words[2])) {
    return false;
  }
  lay(tables.families, FamilyRow{value(words[1]), value(words[2])},
      [](const FamilyRow& a, const FamilyRow& b) { return a.major == b.major; });
  return true;
}

bool take_architecture(Words words, Tables& tables) {
  if (words.size() != 7 || !is_version(words[1]) || !is_limit(words[3]) || !is_limit(words[4]) ||
      !is_limit(words[5]) || (words[6] != "tegra" && words[6] != "discrete")) {
    return false;
  }
  lay(tables.architectures,
      ArchitectureRow{value(words[1]), value(words[2]), value(words[3]), value(words[4]),
                      value(words[5]), words[6] == "tegra"},
      [](const ArchitectureRow& a, const ArchitectureRow& b) {
        return a.capability == b.capability;
      });
  return true;
}

bool take_ptx(Words words, Tables& tables) {
  if (words.size() != 3 || !is_version(words[1]) || !is_version(words[2])) {
    return false;
  }
  lay(tables.ptx, PtxRow{value(words[1]), value(words[2])},
      [](const PtxRow& a, const PtxRow& b) { return a.isa == b.isa; });
  return true;
}

bool take_soname(Words words, Tables& tables) {
  if (words.size() != 4 || !is_version(words[2])) {
    return false;
  }
  lay(tables.sonames, SonameRow{value(words[1]), value(words[2]), value(words[3])},
      [](const SonameRow& a, const SonameRow& b) {
        return a.library == b.library && a.cuda == b.cuda;
      });
  return true;
}

bool take_version(Words words, Tables& tables) {
  if (words.size() != 2) {
    return false;
  }
  tables.version = words[1];
  return true;
}

struct Kind {
  std::string_view name;
  bool (*take)(Words words, Tables& tables);
};

constexpr std::array kKinds{Kind{"version", take_version}, Kind{"cuda", take_cuda},
                            Kind{"family", take_family},   Kind{"arch", take_architecture},
                            Kind{"ptx", take_ptx},         Kind{"soname", take_soname}};

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words = split(line, ' ');
  std::erase_if(words, [](std::string_view word) { return word.empty(); });
  return words;
}

bool take_line(std::string_view line, Tables& tables) {
  const std::vector<std::string_view> words = words_of(line);
  const auto kind = std::ranges::find(kKinds, words[0], &Kind::name);
  return kind != kKinds.end() && kind->take(words, tables);
}

}  // namespace

const CudaRow* Tables::of_cuda(std::string_view wanted) const {
  const auto it = std::ranges::find(cuda, major_minor(wanted), &CudaRow::cuda);
  return it == cuda.end() ? nullptr : &*it;
}

const FamilyRow* Tables::family_of(std::string_view wanted) const {
  const auto it =
      std::ranges::find(families, wanted.substr(0, wanted.find('.')), &FamilyRow::major);
  return it == families.end() ? nullptr : &*it;
}

const ArchitectureRow* Tables::architecture(std::string_view capability) const {
  const auto it = std::ranges::find(architectures, capability, &ArchitectureRow::capability);
  return it == architectures.end() ? nullptr : &*it;
}

const PtxRow* Tables::of_ptx(std::string_view isa) const {
  const auto it = std::ranges::find(ptx, isa, &PtxRow::isa);
  return it == ptx.end() ? nullptr : &*it;
}

std::string_view Tables::cuda_of_driver(std::string_view driver) const {
  std::string_view best;
  for (const CudaRow& row : cuda) {
    if (compare_versions(row.driver, driver) <= 0 && compare_versions(row.cuda, best) > 0) {
      best = row.cuda;
    }
  }
  return best;
}

std::string_view Tables::soname(std::string_view library, std::string_view wanted) const {
  const SonameRow* best = nullptr;
  for (const SonameRow& row : sonames) {
    if (row.library == library && compare_versions(row.cuda, wanted) <= 0 &&
        (best == nullptr || compare_versions(row.cuda, best->cuda) > 0)) {
      best = &row;
    }
  }
  return best == nullptr ? std::string_view() : best->soname;
}

Result<Tables> parse_tables(std::string_view text, Tables base) {
  int number = 0;
  for (const std::string_view whole : split(text, '\n')) {
    ++number;
    const std::string_view line = trim(whole);
    if (!line.empty() && line[0] != '#' && !take_line(line, base)) {
      return fail(ErrorKind::usage, "line " + std::to_string(number) +
                                        " is not a row of a table: " + printable(line));
    }
  }
  return base;
}

const Tables& built_in_tables() {
  static const Tables tables = [] {
    Result<Tables> parsed = parse_tables(kTablesText);
    return parsed ? *std::move(parsed) : Tables{};  // the tests hold the text against the parser
  }();
  return tables;
}

}  // namespace toolkit::gpu
