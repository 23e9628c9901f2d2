// Partial updates: htmx as it comes, told by the page's meta tag to write no style and run no text.
import "htmx.org";
