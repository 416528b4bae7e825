const year = new Date().getFullYear();
document.write(year);
