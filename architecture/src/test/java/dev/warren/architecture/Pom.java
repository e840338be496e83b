package dev.warren.architecture;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** What a pom of this repository says, by XPath. */
final class Pom {
  /** The folder of the whole repository. */
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final XPath XPATH = XPathFactory.newInstance().newXPath();

  private final Document document;

  private Pom(Document document) {
    this.document = document;
  }

  static Pom read(Path file) {
    try {
      return new Pom(
          DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile()));
    } catch (Exception e) {
      throw new AssertionError("cannot read " + file, e);
    }
  }

  /** The modules that the root pom builds. */
  static List<String> modules() {
    return read(ROOT.resolve("pom.xml")).all("/project/modules/module");
  }

  List<String> all(String path) {
    try {
      NodeList nodes = (NodeList) XPATH.evaluate(path, document, XPathConstants.NODESET);
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < nodes.getLength(); i++) {
        texts.add(nodes.item(i).getTextContent().strip());
      }
      return texts;
    } catch (XPathExpressionException e) {
      throw new AssertionError(path, e);
    }
  }

  String one(String path) {
    List<String> texts = all(path);
    if (texts.size() != 1) {
      throw new AssertionError(path + " is there " + texts.size() + " times");
    }
    return texts.get(0);
  }
}
