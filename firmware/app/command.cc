#include "app/command.h"

#include <charconv>

#include "app/settings.h"

namespace app {
namespace {

constexpr std::string_view kSpace = " \t";

struct Word {
  std::string_view name;
  CommandKind kind;
};

// The commands that take no argument.
constexpr Word kWords[] = {
    {"once", CommandKind::kOnce},
    {"version", CommandKind::kVersion},
    {"stats", CommandKind::kStats},
    {"help", CommandKind::kHelp},
};

// Cuts the first word off `line`; empty if there is none.
std::string_view TakeWord(std::string_view* line) {
  const std::size_t start = line->find_first_not_of(kSpace);
  if (start == std::string_view::npos) {
    *line = {};
    return {};
  }
  const std::size_t end = line->find_first_of(kSpace, start);
  const std::string_view word = line->substr(start, end - start);
  *line = end == std::string_view::npos ? std::string_view{} : line->substr(end);
  return word;
}

bool ParseNumber(std::string_view word, std::uint32_t* value) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), *value);
  return error == std::errc{} && end == word.data() + word.size();
}

constexpr Command Bad(const char* problem) { return {CommandKind::kBad, 0, problem, {}}; }

Command ParseInterval(std::string_view argument) {
  Command command{CommandKind::kInterval, 0, nullptr, {}};
  return ParseNumber(argument, &command.value) && IsInterval(command.value)
             ? command
             : Bad("interval takes 500..3600000 ms, or 0 for only on command");
}

Command ParseThreshold(std::string_view argument) {
  Command command{CommandKind::kThreshold, 0, nullptr, {}};
  return ParseNumber(argument, &command.value) && command.value <= kMaxThresholdPercent
             ? command
             : Bad("threshold takes 0..100 percent");
}

}  // namespace

Command ParseCommand(std::string_view line) {
  const std::string_view name = TakeWord(&line);
  const std::string_view argument = TakeWord(&line);
  if (!TakeWord(&line).empty()) return Bad("too many words");

  if (name == "interval") return ParseInterval(argument);
  if (name == "threshold") return ParseThreshold(argument);
  if (name == "sleep") {
    return argument.empty() ? Bad("sleep takes a mode; help names them")
                            : Command{CommandKind::kSleep, 0, nullptr, argument};
  }
  if (name.empty()) return {};
  for (const auto& word : kWords) {
    if (name == word.name)
      return argument.empty() ? Command{word.kind, 0, nullptr, {}} : Bad("no argument wanted");
  }
  return Bad("unknown command; try help");
}

}  // namespace app
