package dev.warren.discovery.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * A name server on loopback that says what a test wants, over UDP and TCP of one port, or in TLS.
 */
final class FakeDns implements AutoCloseable {
  /** What is sent for a question; nothing is an answer too. */
  interface Script {
    List<byte[]> answers(Message question, boolean tcp) throws Exception;
  }

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  /** Where the questions came from, and what they were. */
  final List<InetSocketAddress> clients = new CopyOnWriteArrayList<>();

  final List<Message> questions = new CopyOnWriteArrayList<>();
  final DatagramSocket udp;
  private final ServerSocket tcp;
  private final Script script;

  FakeDns(Script script) throws Exception {
    this(script, null);
  }

  FakeDns(Script script, @Nullable SSLContext tls) throws Exception {
    this.script = script;
    BindException taken = new BindException();
    DatagramSocket datagrams = null;
    ServerSocket streams = null;
    for (int attempt = 0; attempt < 20 && streams == null; attempt++) {
      // A port that is free for UDP may be somebody's for TCP.
      datagrams = new DatagramSocket(0, LOOPBACK);
      try {
        int port = datagrams.getLocalPort();
        streams =
            tls == null
                ? new ServerSocket(port, 50, LOOPBACK)
                : tls.getServerSocketFactory().createServerSocket(port, 50, LOOPBACK);
      } catch (BindException e) {
        datagrams.close();
        taken = e;
      }
    }
    if (streams == null) {
      throw taken;
    }
    this.udp = datagrams;
    this.tcp = streams;
    start("fake-dns-udp", this::serveUdp);
    start("fake-dns-tcp", this::serveTcp);
  }

  /** A server that always says the same. */
  static FakeDns answering(Record... records) throws Exception {
    return new FakeDns((question, tcp) -> List.of(answer(question, records).toWire()));
  }

  static Message answer(Message question, Record... records) {
    Message answer = new Message(question.getHeader().getID());
    answer.getHeader().setFlag(Flags.QR);
    answer.getHeader().setFlag(Flags.RA);
    answer.addRecord(question.getQuestion(), Section.QUESTION);
    for (Record record : records) {
      answer.addRecord(record, Section.ANSWER);
    }
    return answer;
  }

  static byte[] refusal(Message question, int rcode) {
    Message answer = answer(question);
    answer.getHeader().setRcode(rcode);
    return answer.toWire();
  }

  private static void start(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  NameServer server() {
    return new NameServer.Plain(address());
  }

  InetSocketAddress address() {
    return new InetSocketAddress(udp.getLocalAddress(), udp.getLocalPort());
  }

  private List<byte[]> ask(byte[] bytes, int length, boolean overTcp) throws Exception {
    Message question = new Message(java.util.Arrays.copyOf(bytes, length));
    questions.add(question);
    return script.answers(question, overTcp);
  }

  private void serveUdp() {
    byte[] buffer = new byte[2048];
    while (!udp.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        udp.receive(packet);
        clients.add((InetSocketAddress) packet.getSocketAddress());
        for (byte[] answer : ask(buffer, packet.getLength(), false)) {
          udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      } catch (Exception e) {
        // The client went away, or the test has ended.
      }
    }
  }

  private void serveTcp() {
    while (!tcp.isClosed()) {
      try {
        Socket client = tcp.accept();
        start("fake-dns-client", () -> serve(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      DataOutputStream out = new DataOutputStream(client.getOutputStream());
      byte[] bytes = new byte[in.readUnsignedShort()];
      in.readFully(bytes);
      for (byte[] answer : ask(bytes, bytes.length, true)) {
        out.writeShort(answer.length);
        out.write(answer);
        out.flush();
      }
      in.read();
    } catch (Exception e) {
      // The client went away.
    }
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
