package dev.warren.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.Alpn;
import dev.warren.base.NodeTicket;
import dev.warren.base.SocketAddrs;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.Router;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in the README is short, complete, compiles, and does what the text says. */
class QuickStartTest {
  private static final Pattern JAVA_BLOCK = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern CLASS = Pattern.compile("class (\\w+)");

  @TempDir Path classes;

  /** Tests run in their module's directory. */
  private static String source() throws Exception {
    Matcher block = JAVA_BLOCK.matcher(Files.readString(Path.of("..", "README.md")));
    assertThat(block.find()).as("a java block in README.md").isTrue();
    return block.group(1);
  }

  private static String className(String source) {
    Matcher name = CLASS.matcher(source);
    assertThat(name.find()).as("a class in the program").isTrue();
    return name.group(1);
  }

  private void compile(String source) throws Exception {
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    URI uri = URI.create("string:///" + className(source) + ".java");
    JavaFileObject file =
        new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    List<String> options =
        List.of(
            "--release",
            "17",
            "-proc:none",
            "-cp",
            System.getProperty("java.class.path"),
            "-d",
            classes.toString());
    javac.getTask(null, null, problems, options, null, List.of(file)).call();
    assertThat(problems.getDiagnostics())
        .filteredOn(d -> d.getKind() == Diagnostic.Kind.ERROR)
        .isEmpty();
  }

  @Test
  void theReadmesProgramIsShort() throws Exception {
    assertThat(source().lines().toList()).hasSizeLessThan(15);
  }

  @Test
  void theReadmesProgramCompilesAndSaysHelloToAnEchoingNode() throws Exception {
    String source = source();
    compile(source);
    try (Endpoint server = Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind();
        Router router =
            Router.builder(server).accept(Alpn.of("warren-echo/0"), QuickStartTest::echo).spawn();
        URLClassLoader loader =
            new URLClassLoader(
                new URL[] {classes.toUri().toURL()}, QuickStartTest.class.getClassLoader())) {
      Method main = loader.loadClass(className(source)).getDeclaredMethod("main", String[].class);
      main.setAccessible(true);
      String[] args = {NodeTicket.of(server.addr()).toString()};
      assertThat(Output.of(() -> main.invoke(null, (Object) args)))
          .isEqualToIgnoringNewLines("hello");
    }
  }

  static void echo(Connection connection) throws Exception {
    try (BiStream stream = connection.acceptBi()) {
      stream.send().write(stream.recv().readAll(1024));
      stream.send().finish();
    }
  }
}
