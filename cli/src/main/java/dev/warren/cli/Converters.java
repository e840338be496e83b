package dev.warren.cli;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.RelayUrl;
import dev.warren.core.PathInfo;
import dev.warren.discovery.dns.NameServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;

/** How the text of a value is read, on the command line and in a file. Stateless. */
final class Converters {
  private static final Map<Class<?>, ITypeConverter<?>> ALL =
      Map.ofEntries(
          Map.entry(Alpn.class, Values::alpn),
          Map.entry(ByteCount.class, ByteCount::parse),
          Map.entry(DhtHost.class, DhtHost::parse),
          Map.entry(Duration.class, Values::seconds),
          Map.entry(InetSocketAddress.class, Values::socketAddress),
          Map.entry(LoopbackPort.class, LoopbackPort::parse),
          Map.entry(NameServer.class, Values::nameServer),
          Map.entry(NodeAddr.class, Values::target),
          Map.entry(NodeId.class, Values::nodeId),
          Map.entry(OptionsFile.class, OptionsFile::of),
          Map.entry(Path.class, Values::path),
          Map.entry(PathInfo.Type.class, Values::pathType),
          Map.entry(Published.class, Published::parse),
          Map.entry(RelayUrl.class, Values::relayUrl),
          Map.entry(StunServer.class, StunServer::parse),
          Map.entry(URI.class, Values::httpUrl));

  private Converters() {}

  static void register(CommandLine commands) {
    ALL.forEach((type, converter) -> register(commands, type, converter));
  }

  @SuppressWarnings("unchecked")
  private static <T> void register(
      CommandLine commands, Class<T> type, ITypeConverter<?> converter) {
    commands.registerConverter(type, (ITypeConverter<T>) converter);
  }

  /**
   * @throws CommandLine.TypeConversionException in one clause, if it is not such a value
   */
  static Object convert(Class<?> type, String text) {
    if (type == String.class) {
      return text;
    }
    ITypeConverter<?> converter = ALL.get(type);
    if (converter == null) {
      throw new IllegalStateException("no converter for " + type);
    }
    try {
      return converter.convert(text);
    } catch (CommandLine.TypeConversionException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
