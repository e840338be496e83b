package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.warren.base.CloseReason;
import dev.warren.base.SocketAddrs;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.Router;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Words of a peer on our user's terminal. */
@Timeout(60)
class OutputTest {
  /** Sets the title of a terminal. */
  private static final String TITLE = "\u001b]0;x\u0007";

  @TempDir Path temp;

  private static String printed(java.util.function.Consumer<Output> tells) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    tells.accept(new Output(false, new PrintStream(bytes, true, StandardCharsets.UTF_8)));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aSentenceIsOneLineWhateverAPeerPutIntoIt() {
    String text =
        printed(o -> o.event("e", "a" + TITLE + "b\nwarren: forged\r\u009b31m\u202ec\u2028d"));
    assertThat(text.lines()).hasSize(1);
    assertThat(text.strip())
        .doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]")
        .contains("warren: forged");
    String lines = printed(o -> o.eventInLines("e", List.of("a\nb", TITLE)));
    assertThat(lines.lines()).hasSize(2);
    assertThat(lines).doesNotContain("\u001b", "\u0007");
  }

  @Test
  void theNameOfAReceivedFileDoesNotActOnTheTerminal() throws Exception {
    Path file = named(TITLE);
    try (WarrenProcess sender =
        WarrenProcess.start("send", file.toString(), "--json", "--bind", "127.0.0.1:0")) {
      String out = temp.resolve("out").toString();
      InProcess receive = InProcess.run("receive", sender.ticket(), "--out", out);
      assertThat(receive.exitCode()).as(receive.toString()).isZero();
      assertThat(receive.stdout()).anyMatch(l -> l.contains("received"));
      InProcess again = InProcess.run("receive", sender.ticket(), "--out", out);
      assertThat(again.exitCode()).isEqualTo(1);
      for (InProcess run : List.of(receive, again)) {
        assertThat(String.join("", run.stdout()) + String.join("", run.stderr()))
            .doesNotContainPattern("\\p{Cc}")
            .contains("]0;x");
      }
    }
  }

  private Path named(String name) throws IOException {
    Path file = null;
    try {
      file = Files.writeString(temp.resolve(name), "content");
    } catch (InvalidPathException notHere) {
      // Windows has no such names.
    }
    assumeThat(file).as("this file system has no such names").isNotNull();
    return file;
  }

  @Test
  void theReasonOfACloseDoesNotActOnTheTerminal() throws Exception {
    try (Endpoint a = Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind();
        Endpoint b = Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind();
        Router router =
            Router.builder(a).accept(TestProtocols.ECHO, c -> c.close(7, TITLE + "\n")).spawn();
        Connection connection = b.connect(a.addr(), TestProtocols.ECHO)) {
      CloseReason reason = connection.closed().get(20, TimeUnit.SECONDS);
      assertThat(reason.text()).startsWith(TITLE);
      String text = printed(o -> Events.closed(o, connection, new Provenance(b), reason));
      assertThat(text.lines()).hasSize(1);
      assertThat(text.strip()).contains("]0;x").doesNotContainPattern("\\p{Cc}");
    }
  }
}
