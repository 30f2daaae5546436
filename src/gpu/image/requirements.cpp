#include <toolkit/base/text.hpp>
#include <toolkit/gpu/requirements.hpp>
#include <toolkit/gpu/version.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace toolkit::gpu {
namespace {

bool same_word(std::string_view one, std::string_view other) {
  return to_upper(one) == to_upper(other);
}

// "<=", "!=" and so on; nothing for another run of such signs.
std::optional<bool> holds(std::string_view sign, int difference) {
  if (sign == "=") {
    return difference == 0;
  }
  if (sign == "!=") {
    return difference != 0;
  }
  if (sign == "<") {
    return difference < 0;
  }
  if (sign == "<=") {
    return difference <= 0;
  }
  if (sign == ">") {
    return difference > 0;
  }
  return sign == ">=" ? std::optional(difference >= 0) : std::nullopt;
}

bool is_version(std::string_view value) {
  return value.find_first_not_of("0123456789.") == std::string_view::npos &&
         version_part(value, 0) >= 0;
}

Requirement answer(std::optional<bool> held) {
  return !held ? Requirement::malformed : *held ? Requirement::met : Requirement::unmet;
}

Requirement judge_version(std::string_view seen, std::string_view sign, std::string_view value) {
  if (!is_version(value) || !holds(sign, 0)) {
    return Requirement::malformed;
  }
  return seen.empty() ? Requirement::unseen : answer(holds(sign, compare_versions(seen, value)));
}

Requirement judge_word(std::string_view seen, std::string_view sign, std::string_view value) {
  if (sign != "=" && sign != "!=") {
    return Requirement::malformed;
  }
  return seen.empty() ? Requirement::unseen : answer(holds(sign, same_word(seen, value) ? 0 : 1));
}

// NAME SIGN VALUE.
Requirement judge_condition(std::string_view text, const HostProperties& host) {
  constexpr std::string_view kSigns = "<>=!";
  const std::size_t at = text.find_first_of(kSigns);
  const std::size_t after = text.find_first_not_of(kSigns, std::min(at, text.size()));
  if (at == std::string_view::npos || at == 0 || after == std::string_view::npos) {
    return Requirement::malformed;
  }
  const std::string_view name = text.substr(0, at);
  const std::string_view sign = text.substr(at, after - at);
  const std::string_view value = text.substr(after);
  if (same_word(name, "brand")) {
    return judge_word(host.brand, sign, value);
  }
  if (same_word(name, "cuda")) {
    return judge_version(host.cuda, sign, value);
  }
  if (same_word(name, "driver")) {
    return judge_version(host.driver, sign, value);
  }
  if (same_word(name, "arch")) {
    return judge_version(host.arch, sign, value);
  }
  return Requirement::met;  // an unknown word is passed over
}

// All of them: what fails outweighs what cannot be read or seen.
Requirement judge_all(std::string_view text, const HostProperties& host) {
  Requirement worst = Requirement::met;
  for (const std::string_view condition : split(text, ',')) {
    if (condition.empty()) {
      continue;
    }
    const Requirement one = judge_condition(condition, host);
    if (one == Requirement::malformed || one == Requirement::unmet) {
      return one;
    }
    worst = one == Requirement::unseen ? one : worst;
  }
  return worst;
}

std::string legacy_requirement(const std::map<std::string, std::string>& variables) {
  const auto version = variables.find("CUDA_VERSION");
  return version == variables.end() || variables.contains("NVIDIA_REQUIRE_CUDA")
             ? ""
             : "cuda>=" + std::string(major_minor(version->second));
}

}  // namespace

Requirement judge_requirement(std::string_view value, const HostProperties& host,
                              std::string* decisive) {
  std::optional<Requirement> best;
  for (const std::string_view alternative : split(value, ' ')) {
    if (alternative.find_first_not_of(", \t") == std::string_view::npos) {
      continue;
    }
    const Requirement one = judge_all(alternative, host);
    if (decisive != nullptr && (!best || one == Requirement::malformed)) {
      *decisive = alternative;  // the container tools name the first alternative too
    }
    if (one == Requirement::met || one == Requirement::malformed) {
      return one;
    }
    best = best == Requirement::unseen ? *best : one;
  }
  return best.value_or(Requirement::met);
}

RequirementAnswer judge_requirements(const std::map<std::string, std::string>& variables,
                                     const HostProperties& host) {
  RequirementAnswer worst;
  const auto take = [&](const std::string& name, std::string_view value) {
    RequirementAnswer one{Requirement::met, name, ""};
    one.state = judge_requirement(value, host, &one.condition);
    if (one.state > worst.state) {
      worst = std::move(one);
    }
  };
  for (const auto& [name, value] : variables) {
    if (name.starts_with("NVIDIA_REQUIRE_") && !name.starts_with("NVIDIA_REQUIRE_JETPACK")) {
      take(name, value);
    }
  }
  if (const std::string legacy = legacy_requirement(variables); !legacy.empty()) {
    take("CUDA_VERSION", legacy);
  }
  return worst;
}

bool requirements_disabled(const std::map<std::string, std::string>& variables) {
  constexpr std::array<std::string_view, 6> kTrue{"1", "t", "T", "true", "TRUE", "True"};
  const auto it = variables.find("NVIDIA_DISABLE_REQUIRE");
  return it != variables.end() && std::ranges::find(kTrue, it->second) != kTrue.end();
}

}  // namespace toolkit::gpu
