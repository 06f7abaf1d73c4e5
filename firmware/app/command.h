// The lines that the host may send.
#pragma once

#include <cstdint>
#include <string_view>

namespace app {

enum class CommandKind {
  kNothing,  ///< an empty line
  kOnce,
  kInterval,   ///< value: ms
  kThreshold,  ///< value: percent
  kSleep,      ///< text: the mode's name
  kVersion,
  kStats,
  kHelp,
  kBad,  ///< problem: the reason
};

struct Command {
  CommandKind kind = CommandKind::kNothing;
  std::uint32_t value = 0;
  const char* problem = nullptr;
  std::string_view text;  ///< a part of the line
};

/// Reads one line, without its end. Words are separated by spaces or tabs.
Command ParseCommand(std::string_view line);

}  // namespace app
