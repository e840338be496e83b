package dev.warren.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.Alpn;
import dev.warren.base.NodeTicket;
import dev.warren.base.SocketAddrs;
import dev.warren.core.Endpoint;
import dev.warren.core.Router;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program with a {@code module-info.java} that requires core and nothing else just runs. */
class ModulePathTest {
  private static final String MODULE = "module hello { requires dev.warren.core; }";

  private static final String PROGRAM =
      """
      package hello;

      import dev.warren.base.*;
      import dev.warren.core.*;

      public class Hello {
        public static void main(String[] args) throws Exception {
          try (Endpoint endpoint = Endpoint.builder().bind();
              Connection connection = endpoint.connect(Ticket.parse(args[0]).addr(), Alpn.of("echo/1"));
              BiStream stream = connection.openBi()) {
            stream.send().write("hello".getBytes());
            stream.send().finish();
            System.out.println(new String(stream.recv().readAll(1024)));
          }
        }
      }
      """;

  @TempDir Path folder;

  /** What an application gets with the one dependency: nothing of the tests. */
  private static String modulePath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.contains("test-classes") && !entry.contains("examples"))
        .filter(entry -> Stream.of("junit", "testlab", "assertj").noneMatch(entry::contains))
        .filter(entry -> !entry.contains("byte-buddy") && !entry.contains("opentest4j"))
        .filter(entry -> !entry.contains("apiguardian") && !entry.contains("surefire"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String run(String tool, List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  @Test
  @Timeout(60)
  void aModularProgramNeedsNoFlag() throws Exception {
    Path module = Files.writeString(folder.resolve("module-info.java"), MODULE);
    Path program = Files.writeString(folder.resolve("Hello.java"), PROGRAM);
    Path classes = folder.resolve("classes");
    run("javac", List.of("-p", modulePath(), "-d", "" + classes, "" + module, "" + program));
    try (Endpoint server = Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind();
        Router router =
            Router.builder(server).accept(Alpn.of("echo/1"), QuickStartTest::echo).spawn()) {
      String ticket = NodeTicket.of(server.addr()).toString();
      String path = modulePath() + File.pathSeparator + classes;
      assertThat(run("java", List.of("-p", path, "-m", "hello/hello.Hello", ticket)))
          .contains("hello");
    }
  }
}
