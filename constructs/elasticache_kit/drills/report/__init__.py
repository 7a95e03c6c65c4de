"""The report of a drill: pictures, one page, Markdown, JUnit and JSON of one result."""
