package dev.warren.cli;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.RelayUrl;
import dev.warren.core.PathInfo;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ITypeConverter;

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
      RelayCommand.class,
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
    register(commands, Alpn.class, Values::alpn);
    register(commands, ByteCount.class, ByteCount::parse);
    register(commands, Duration.class, Values::seconds);
    register(commands, InetSocketAddress.class, Values::socketAddress);
    register(commands, NodeAddr.class, Values::target);
    register(commands, Path.class, Values::path);
    register(commands, PathInfo.Type.class, Values::pathType);
    register(commands, RelayUrl.class, Values::relayUrl);
    // A file may be called @name.
    commands.setExpandAtFiles(false);
    commands.setParameterExceptionHandler(Failures::misused);
    commands.setExecutionExceptionHandler(Failures::failed);
    return commands;
  }

  private static <T> void register(
      CommandLine commands, Class<T> type, ITypeConverter<T> converter) {
    commands.registerConverter(type, converter);
  }
}
