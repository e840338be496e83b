package dev.warren.cli;

import dev.warren.base.PeerException;
import java.io.IOException;
import java.io.PrintWriter;
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
      RelayCommand.class,
      HelpCommand.class
    })
public final class Warren {
  private Warren() {}

  public static void main(String[] args) {
    System.exit(run(args));
  }

  static int run(String... args) {
    CommandLine commands = new CommandLine(new Warren());
    commands.setExecutionExceptionHandler(Warren::failed);
    return commands.execute(args);
  }

  private static int failed(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    boolean usage = failure instanceof UsageException;
    String kind =
        failure instanceof PeerException p
            ? p.kind().label()
            : usage ? "usage" : failure instanceof IOException ? "io" : "internal";
    String message = String.valueOf(failure.getMessage());
    if (parsed.matchedOptionValue("--json", false)) {
      new Output(true, System.out).event("error", null, "kind", kind, "message", message);
    }
    PrintWriter err = command.getErr();
    err.println("warren: " + message);
    err.flush();
    return usage ? 2 : 1;
  }
}
