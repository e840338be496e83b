package dev.warren.cli;

import java.security.SecureRandom;
import java.util.HexFormat;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The {@code warren} command: exit code 0 on success, 1 on failure, 2 on bad usage. */
@Command(
    name = "warren",
    mixinStandardHelpOptions = true,
    version = "warren 0.1",
    description = "Dial a public key: peer-to-peer QUIC.",
    subcommands = {
      DemoCommand.class,
      IdCommand.class,
      ListenCommand.class,
      ConnectCommand.class,
      SendCommand.class,
      ReceiveCommand.class,
      ResolveCommand.class,
      RelayCommand.class,
      DhtCommand.class,
      DnsCommand.class,
      HelpCommand.class
    })
public final class Warren {
  private static final String MACHINE = "io.netty.machineId";

  private Warren() {}

  public static void main(String[] args) {
    System.getProperties().putIfAbsent(MACHINE, machine());
    System.exit(run(args));
  }

  /**
   * Six random bytes of a locally administered address. Netty names its channels by it; left to
   * itself it looks at all network interfaces, and warns where loopback is the only one, as in many
   * containers.
   */
  private static String machine() {
    byte[] bytes = new byte[6];
    new SecureRandom().nextBytes(bytes);
    bytes[0] = (byte) (bytes[0] & ~1 | 2);
    return HexFormat.ofDelimiter(":").formatHex(bytes);
  }

  static int run(String... args) {
    return commandLine().execute(args);
  }

  /** The grammar of all commands, and what becomes of their failures. */
  static CommandLine commandLine() {
    CommandLine commands = new CommandLine(new Warren());
    Converters.register(commands);
    // A file may be called @name.
    commands.setExpandAtFiles(false);
    commands.setExecutionStrategy(OptionsFile::execute);
    commands.setParameterExceptionHandler(Failures::misused);
    commands.setExecutionExceptionHandler(Failures::failed);
    return commands;
  }
}
