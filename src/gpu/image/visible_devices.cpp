#include <toolkit/base/text.hpp>
#include <toolkit/gpu/visible_devices.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

namespace toolkit::gpu {
namespace {

using Candidates = std::span<const VisibleCandidate>;

// One entry, as far as it can be told.
struct Resolved {
  ListEnd end = ListEnd::whole;
  VisibleEntry entry;
};

// As strtoul: leading digits with a sign before them count, what follows does not.
std::optional<long long> number_of(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) {
      return std::nullopt;
    }
  }
  long long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) {
    return text.starts_with('-') ? -1 : std::numeric_limits<long long>::max();
  }
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

Resolved by_number(std::string_view text, Candidates candidates) {
  const std::optional<long long> number = number_of(text);
  if (!number) {
    return {ListEnd::malformed, {}};
  }
  if (*number < 0) {
    return {ListEnd::negative, {}};
  }
  if (static_cast<std::size_t>(*number) >= candidates.size()) {
    return {ListEnd::absent, {}};
  }
  return {ListEnd::whole, {std::string(text), static_cast<std::size_t>(*number), std::nullopt}};
}

// Exactly one of the names begins with `text`.
template <typename Names, typename Name>
ListEnd pick(const Names& names, std::string_view text, Name name, std::size_t& chosen) {
  ListEnd end = ListEnd::absent;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& full = name(names[i]);
    if (full == text) {
      chosen = i;
      return ListEnd::whole;
    }
    if (full.starts_with(text)) {
      chosen = i;
      end = end == ListEnd::absent ? ListEnd::whole : ListEnd::ambiguous;
    }
  }
  return end;
}

Resolved by_gpu_name(std::string_view text, Candidates candidates) {
  Resolved resolved{ListEnd::whole, {std::string(text), 0, std::nullopt}};
  resolved.end = pick(
      candidates, text, [](const VisibleCandidate& gpu) -> const std::string& { return gpu.uuid; },
      resolved.entry.gpu);
  return resolved;
}

// "MIG-GPU-UUID/GI/CI", the form before R470.
Resolved by_instance_path(std::string_view text, Candidates candidates) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return {ListEnd::malformed, {}};
  }
  Resolved resolved = by_gpu_name(text.substr(4, slash - 4), candidates);
  if (resolved.end != ListEnd::whole) {
    return resolved;
  }
  resolved.entry.text = text;
  const auto& instances = candidates[resolved.entry.gpu].instances;
  const auto it =
      std::ranges::find(instances, text.substr(slash + 1), &VisibleCandidate::Instance::path);
  if (it == instances.end()) {
    return {ListEnd::absent, {}};
  }
  resolved.entry.instance = static_cast<std::size_t>(it - instances.begin());
  return resolved;
}

// "MIG-UUID", or the beginning of one.
Resolved by_instance_name(std::string_view text, Candidates candidates) {
  Resolved resolved{ListEnd::absent, {std::string(text), 0, std::nullopt}};
  for (std::size_t gpu = 0; gpu < candidates.size(); ++gpu) {
    std::size_t instance = 0;
    const ListEnd found = pick(
        candidates[gpu].instances, text,
        [](const VisibleCandidate::Instance& one) -> const std::string& { return one.uuid; },
        instance);
    if (found == ListEnd::absent) {
      continue;
    }
    if (found == ListEnd::ambiguous || resolved.end == ListEnd::whole) {
      return {ListEnd::ambiguous, {}};
    }
    resolved = {ListEnd::whole, {std::string(text), gpu, instance}};
  }
  return resolved;
}

enum class Form { number, gpu, instance };

// The first entry decides what the others may be.
Form form_of(std::string_view value) {
  return value.starts_with("GPU-")   ? Form::gpu
         : value.starts_with("MIG-") ? Form::instance
                                     : Form::number;
}

Resolved resolve(Form form, std::string_view text, Candidates candidates) {
  if (form == Form::number) {
    return by_number(trim(text), candidates);
  }
  // No trimming here: " GPU-…" is not a name.
  if (form_of(text) != form) {
    return {ListEnd::malformed, {}};
  }
  if (form == Form::gpu) {
    return by_gpu_name(text, candidates);
  }
  return text.starts_with("MIG-GPU-") ? by_instance_path(text, candidates)
                                      : by_instance_name(text, candidates);
}

bool same_device(const VisibleEntry& one, const VisibleEntry& other) {
  return one.gpu == other.gpu && one.instance == other.instance;
}

// CUDA enumerates one instance of MIG, and a program gets the first.
void keep_first_instance(VisibleDevices& visible) {
  for (std::size_t i = 1; i < visible.entries.size(); ++i) {
    visible.ignored.push_back(visible.entries[i].text);
  }
  visible.entries.resize(std::min<std::size_t>(visible.entries.size(), 1));
}

VisibleDevices all_of(Candidates candidates) {
  VisibleDevices visible;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    visible.entries.push_back({"", i, std::nullopt});
  }
  return visible;
}

}  // namespace

VisibleDevices visible_devices(std::optional<std::string_view> value, Candidates candidates) {
  if (!value) {
    return all_of(candidates);
  }
  const Form form = form_of(*value);
  VisibleDevices visible;
  visible.set = true;
  visible.by_number = form == Form::number;
  for (const std::string_view text : split(*value, ',')) {
    Resolved resolved = resolve(form, text, candidates);
    const bool repeated = resolved.end == ListEnd::whole &&
                          std::ranges::any_of(visible.entries, [&](const VisibleEntry& entry) {
                            return same_device(entry, resolved.entry);
                          });
    if (repeated) {
      visible.entries.clear();
    }
    if (repeated || resolved.end != ListEnd::whole) {
      visible.end = repeated ? ListEnd::repeated : resolved.end;
      visible.culprit = text;
      break;
    }
    visible.entries.push_back(std::move(resolved.entry));
  }
  if (form == Form::instance) {
    keep_first_instance(visible);
  }
  return visible;
}

}  // namespace toolkit::gpu
